import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import axios, { type AxiosInstance } from 'axios';
import express from 'express';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { createApp } from '../../api/app';
import { subscribe } from '../../api/subscribe';
import { connect, snapshot } from '../../config/connections';
import { parseSettings } from '../../config/load';
import type { HandoffInput } from '../../domain/contract';
import type { HandoffCall, HandoffView } from '../../domain/handoff';
import { handoffId, PLATFORM, watchId } from '../../domain/ids';
import { createDesk, type Desk, type DeskCase } from '../../sandbox/desk';
import { createInfobipStandIn, type InfobipStandIn } from '../../sandbox/infobip';
import { createWorkers } from '../../worker/workers';
import { testConnection, testWorkflowBundle } from './temporal';
import { eventually } from './eventually';

/** Every secret of the tests' settings: none of them may ever be found in a history or a log. */
export const SECRETS = {
  botKey: 'bot-key-4f1d9c',
  operatorKey: 'operator-key-88ab21',
  infobip: 'infobip-api-key-7c02e5',
  webhook: 'webhook-url-secret-51aa',
  desk: `whsec_${Buffer.from('desk-signing-secret-0123456789ab').toString('base64')}`,
};

export interface LayerOptions {
  /** Laid over the account's settings. */
  account?: Record<string, unknown>;
  /** More contact centers than the desk, by name. */
  contactCenters?: Record<string, Record<string, unknown>>;
  infobip?: Partial<Parameters<typeof createInfobipStandIn>[0]>;
  /** Whether a worker runs in this process; tests that kill one run it in another. */
  worker?: boolean;
}

/** The whole layer between stand-ins, on the real Temporal server, as one test file needs it. */
export interface Layer {
  account: string;
  url: string;
  settingsYaml: string;
  taskQueue: string;
  infobip: InfobipStandIn;
  desk: Desk;
  client: Client;
  connection: NativeConnection;
  /** The API, as the bot and as an operator. */
  bot: AxiosInstance;
  operator: AxiosInstance;
  say(text: string, from?: string): string;
  /** A conversation with a past that is handed off at once. */
  handOff(body?: Record<string, unknown>, past?: string[]): Promise<{ conversationId: string; from: string }>;
  /** What the API would start a handoff with. */
  input(conversationId: string, call?: HandoffCall): HandoffInput;
  view(conversationId: string): Promise<HandoffView>;
  /** Waits until the handoff is so. */
  until(conversationId: string, state: HandoffView['state']): Promise<HandoffView>;
  deskCase(conversationId: string): Promise<DeskCase>;
  agent(conversationId: string, action: string, body?: object): Promise<void>;
  /** What the end user got from our side of the conversation, oldest first. */
  received(conversationId: string): string[];
  /** A call of Infobip's API that is not ours. */
  platformCall(method: string, path: string, body?: object): Promise<void>;
  deskControl(path: string, body: object): Promise<void>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLayer(options: LayerOptions = {}): Promise<Layer> {
  const account = `t${randomBytes(4).toString('hex')}`;
  const taskQueue = `layer-${account}`;
  const connection = await testConnection();
  const client = new Client({ connection });

  const sandboxServer = createServer();
  const apiServer = createServer();
  const [sandboxUrl, url] = await Promise.all([listen(sandboxServer), listen(apiServer)]);
  const retryScheduleMs = [50, 100, 200, 400, 800, 1_600, 3_200];
  const infobip = createInfobipStandIn({
    apiKey: SECRETS.infobip,
    retryScheduleMs,
    bot: {
      async call(conversationId) {
        await bot.post('/v1/handoffs', { conversationId, account });
        return {};
      },
    },
    ...options.infobip,
  });
  const webhookUrl = `${url}/webhooks/${account}/desk`;
  const desk = createDesk({ secret: SECRETS.desk, webhookUrl, baseUrl: `${sandboxUrl}/desk`, retryScheduleMs });
  sandboxServer.on('request', express().use('/infobip', infobip.router).use('/desk', desk.router));

  const settingsYaml = stringify({
    api: {
      port: 0,
      publicUrl: url,
      keys: [
        { name: 'bot', key: SECRETS.botKey, scopes: ['handoffs:write'] },
        { name: 'operator', key: SECRETS.operatorKey, scopes: ['handoffs:read', 'handoffs:write'] },
      ],
    },
    temporal: { taskQueue },
    accounts: {
      [account]: {
        platform: {
          kind: 'infobip',
          baseUrl: `${sandboxUrl}/infobip`,
          apiKey: SECRETS.infobip,
          webhook: { mode: 'subscription', secret: SECRETS.webhook },
        },
        contactCenters: {
          desk: { kind: 'webhook', baseUrl: `${sandboxUrl}/desk`, secret: SECRETS.desk },
          ...options.contactCenters,
        },
        routing: [{ to: 'desk' }],
        watch: { pollEvery: '500ms', reconcileEvery: '2s' },
        ...options.account,
      },
    },
  });
  const settings = parseSettings(settingsYaml, {});
  const accounts = connect(settings);
  const logger = pino({ level: 'silent' });
  apiServer.on('request', createApp({ settings, accounts, client, logger }));
  await subscribe([...accounts.values()], url, { print: () => undefined, confirm: () => Promise.resolve(true) });

  const bot = caller(url, SECRETS.botKey);
  const operator = caller(url, SECRETS.operatorKey);
  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();

  const layer: Layer = {
    account,
    url,
    settingsYaml,
    taskQueue,
    infobip,
    desk,
    client,
    connection,
    bot,
    operator,
    say: (text, from) => infobip.endUsers.receive({ text, from }).conversationId,
    async handOff(body = {}, past = ['Hello']) {
      const from = `CHAT-${randomUUID()}`;
      const messages = past.map((text) => ({ text }));
      const { conversationId } = infobip.endUsers.addConversation({ from, messages, bot: 'deaf' });
      await bot.post('/v1/handoffs', { conversationId, account, ...body });
      return { conversationId, from };
    },
    input: (conversationId, call = {}) => ({ account, conversationId, call, settings: snapshot(accounts.get(account)!) }),
    async view(conversationId) {
      const id = encodeURIComponent(handoffId({ account, conversationId }));
      return (await operator.get<HandoffView>(`/v1/handoffs/${id}`)).data;
    },
    until: (conversationId, state) =>
      eventually(`the handoff is ${state}`, async () => {
        const view = await layer.view(conversationId);
        return view.state === state ? view : undefined;
      }),
    deskCase: (conversationId) =>
      eventually('the desk has the case', () => {
        const prefix = `${handoffId({ account, conversationId })}#`;
        return desk.cases().find(({ key }) => key.startsWith(prefix));
      }),
    async agent(conversationId, action, body = {}) {
      const { id } = await layer.deskCase(conversationId);
      await axios.post(`${sandboxUrl}/desk/sandbox/cases/${id}/${action}`, body);
    },
    received(conversationId) {
      const messages = infobip.endUsers.conversation(conversationId)?.messages ?? [];
      return messages.flatMap(({ direction, authorType, content }) =>
        direction === 'OUTBOUND' && authorType !== 'BOT' ? [String((content as { text?: string }).text)] : [],
      );
    },
    async platformCall(method, path, data) {
      const headers = { authorization: `App ${SECRETS.infobip}` };
      await axios.request({ method, url: `${sandboxUrl}/infobip${path}`, data, headers });
    },
    async deskControl(path, body) {
      await axios.post(`${sandboxUrl}/desk/sandbox/${path}`, body);
    },
    async stopWorker() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      workers = [];
    },
    async startWorker() {
      workers = await createWorkers({
        connection,
        namespace: 'default',
        settings,
        accounts,
        code: { workflowBundle: testWorkflowBundle() },
      });
      running = Promise.all(workers.map((worker) => worker.run()));
    },
    async stop() {
      infobip.close();
      desk.close();
      await endOpen(client, account, [PLATFORM, ...Object.keys(settings.accounts[account]!.contactCenters)]);
      await layer.stopWorker();
      await Promise.all([sandboxServer, apiServer].map(closeServer));
      await connection.close();
    },
  };
  if (options.worker !== false) await layer.startWorker();
  return layer;
}

/** What still runs would hold its worker, and go on without its stand-ins. */
async function endOpen(client: Client, account: string, connections: string[]): Promise<void> {
  const ids = connections.map((connection) => watchId(account, connection));
  const query = `ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH 'handoff:${account}:'`;
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  const end = (id: string) => client.workflow.getHandle(id).terminate('the test is over');
  await Promise.allSettled(ids.map(end));
}

function caller(baseURL: string, key: string): AxiosInstance {
  return axios.create({
    baseURL,
    headers: { authorization: `Bearer ${key}` },
    validateStatus: () => true,
    proxy: false,
  });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

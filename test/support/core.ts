import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import axios, { type AxiosInstance } from 'axios';
import express, { type Router } from 'express';
import { pino, type Logger } from 'pino';
import { stringify } from 'yaml';
import { createApp } from '../../api/app';
import { connect, type Accounts } from '../../accounts/connect';
import { snapshot } from '../../accounts/snapshot';
import { parseSettings } from '../../settings/load';
import type { HandoffInput } from '../../domain/contract';
import type { HandoffCall, HandoffView } from '../../domain/handoff';
import { handoffId, PLATFORM, watchId } from '../../domain/ids';
import { createDesk, type Desk, type DeskCase } from '../../sandbox/desk';
import { createWorkers } from '../../worker/workers';
import { testConnection, testWorkflowBundle } from './temporal';
import { eventually } from './eventually';

/** Every secret of the tests' settings: none of them may ever be found in a history or a log. */
export const SECRETS = {
  botKey: 'bot-key-4f1d9c-0b7a55',
  operatorKey: 'operator-key-88ab21',
  infobip: 'infobip-api-key-7c02e5',
  webhook: 'webhook-url-secret-51aa',
  desk: `whsec_${Buffer.from('desk-signing-secret-0123456789ab').toString('base64')}`,
};

/** Between the attempts of a simulator's webhook. */
export const RETRY_SCHEDULE_MS = [50, 100, 200, 400, 800, 1_600, 3_200];

export interface CoreOptions {
  /** Laid over the account's settings. */
  account?: Record<string, unknown>;
  /** More contact centers than the desk, by name. */
  contactCenters?: Record<string, Record<string, unknown>>;
  /** Another Temporal server than the one that all tests share. */
  temporalAddress?: string;
  /** Whether a worker runs in this process; tests that kill one run it in another. */
  worker?: boolean;
  /** The API's; without it the API logs nothing. */
  logger?: Logger;
}

/** Where things are before anything runs: what a platform's simulator has to know. */
export interface Places {
  account: string;
  url: string;
  /** Where the simulator's router is mounted. */
  platformUrl: string;
  /** The API, as the bot. */
  bot: AxiosInstance;
}

/** A simulator of a platform, and the settings by which the service finds it. */
export interface PlatformSimulator {
  router: Router;
  settings: Record<string, unknown>;
  close(): void;
}

/** The whole service between a platform's simulator and the sandbox's desk, whichever the platform is. */
export interface Core extends Places {
  settingsYaml: string;
  taskQueue: string;
  accounts: Accounts;
  deskUrl: string;
  desk: Desk;
  client: Client;
  connection: NativeConnection;
  /** The API, as an operator. */
  operator: AxiosInstance;
  /** What the API would start a handoff with. */
  input(conversationId: string, call?: HandoffCall): HandoffInput;
  view(conversationId: string): Promise<HandoffView>;
  /** Waits until the handoff is so. */
  until(conversationId: string, state: HandoffView['state']): Promise<HandoffView>;
  /** The conversation's latest case. */
  deskCase(conversationId: string): Promise<DeskCase>;
  agent(conversationId: string, action: string, body?: object): Promise<void>;
  deskControl(path: string, body: object): Promise<void>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCore(
  options: CoreOptions,
  createPlatform: (places: Places) => PlatformSimulator,
): Promise<Core> {
  const { logger = pino({ level: 'silent' }) } = options;
  const account = `t${randomBytes(4).toString('hex')}`;
  const taskQueue = `service-${account}`;
  const connection = await testConnection(options.temporalAddress);
  const client = new Client({ connection });

  const sandboxServer = createServer();
  const apiServer = createServer();
  const [sandboxUrl, url] = await Promise.all([listen(sandboxServer), listen(apiServer)]);
  const [platformUrl, deskUrl] = [`${sandboxUrl}/platform`, `${sandboxUrl}/desk`];
  const places = { account, url, platformUrl, bot: caller(url, SECRETS.botKey) };
  const platform = createPlatform(places);
  const webhookUrl = `${url}/webhooks/${account}/desk`;
  const desk = createDesk({
    secret: SECRETS.desk,
    webhookUrl,
    baseUrl: deskUrl,
    retryScheduleMs: RETRY_SCHEDULE_MS,
  });
  sandboxServer.on('request', express().use('/platform', platform.router).use('/desk', desk.router));

  const contactCenters = {
    desk: { kind: 'custom', baseUrl: deskUrl, secret: SECRETS.desk, agentMessages: true, openCases: true },
    ...options.contactCenters,
  };
  const settingsYaml = stringify({
    api: {
      port: 0,
      publicUrl: url,
      keys: [
        { name: 'bot', key: SECRETS.botKey, scopes: ['handoffs:write'] },
        { name: 'operator', key: SECRETS.operatorKey, scopes: ['handoffs:read', 'handoffs:write', 'handoffs:manage'] },
      ],
    },
    temporal: { taskQueue },
    accounts: {
      [account]: {
        platform: platform.settings,
        contactCenters,
        routing: [{ to: 'desk' }],
        watch: { pollEvery: '500ms', reconcileEvery: '2s' },
        ...options.account,
      },
    },
  });
  const settings = parseSettings(settingsYaml, {});
  const accounts = connect(settings);
  apiServer.on('request', createApp({ settings, accounts, client, logger }));

  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();

  const core: Core = {
    ...places,
    settingsYaml,
    taskQueue,
    accounts,
    deskUrl,
    desk,
    client,
    connection,
    operator: caller(url, SECRETS.operatorKey),
    input: (conversationId, call = {}) => ({
      account,
      conversationId,
      nonce: randomBytes(6).toString('hex'),
      call,
      settings: snapshot(accounts.get(account)!),
    }),
    async view(conversationId) {
      const id = encodeURIComponent(handoffId({ account, conversationId }));
      // On a busy machine no worker may answer in time, and the API says to ask again.
      return eventually('a worker answers for the handoff', async () => {
        const { status, data } = await core.operator.get<HandoffView>(`/v1/handoffs/${id}`);
        return status === 503 ? undefined : data;
      });
    },
    until: (conversationId, state) =>
      eventually(`the handoff is ${state}`, async () => {
        const view = await core.view(conversationId);
        return view.state === state ? view : undefined;
      }),
    deskCase: (conversationId) =>
      eventually('the desk has the case', () => {
        const prefix = `${handoffId({ account, conversationId })}#`;
        return desk.cases().findLast(({ key }) => key.startsWith(prefix));
      }),
    async agent(conversationId, action, body = {}) {
      const { id } = await core.deskCase(conversationId);
      await core.deskControl(`cases/${id}/${action}`, body);
    },
    async deskControl(path, body) {
      await axios.post(`${deskUrl}/sandbox/${path}`, body);
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
      platform.close();
      desk.close();
      await endOpen(client, account, [PLATFORM, ...Object.keys(contactCenters)]);
      await core.stopWorker();
      await Promise.all([sandboxServer, apiServer].map(closeServer));
      await connection.close();
    },
  };
  if (options.worker !== false) await core.startWorker();
  return core;
}

/** What the end user has said in a case, as its agents see it. */
export function textsOf({ messages }: DeskCase): string[] {
  return messages.flatMap(({ from, content }) => (from === 'end-user' && 'text' in content ? [content.text] : []));
}

/** What still runs would hold its worker, and go on without its simulators. */
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

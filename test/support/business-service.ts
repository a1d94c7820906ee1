import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { AxiosResponse } from 'axios';
import express, { Router, type RequestHandler } from 'express';
import {
  createBusinessMessagesSimulator,
  type BusinessMessagesSimulator,
  type TimelineEntry,
} from '../../sandbox/business-messages';
import { RETRY_SCHEDULE_MS, startCore, type Core, type CoreOptions, type Places } from './core';
import { eventually } from './eventually';

export const CLIENT_TOKEN = 'client-token-93fe10';

const BOT = { displayName: 'Hello World Agent', avatarImage: 'https://live.agent/bot-avatar.jpg' };
const CLIENT_EMAIL = 'service@tests.iam.gserviceaccount.com';
const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** As the bot's webhook got it. */
export interface Heard {
  body: string;
  signature?: string;
  /** Whether the bot took it. */
  taken: boolean;
}

export interface BusinessServiceOptions extends CoreOptions {
  /** Laid over the platform's settings. */
  platform?: Record<string, unknown>;
}

/** The whole service between the simulator of Business Messages with its bot and the desk, on the real Temporal server. */
export interface BusinessService extends Core {
  simulator: BusinessMessagesSimulator;
  /** What the bot's webhook got about a conversation, oldest first. */
  heard(conversationId: string): Heard[];
  /** The bot answers the next so many webhooks with 503. */
  refuseAtBot(times: number): void;
  /** Sends a webhook of the platform's, rightly signed where nothing else is said. */
  post(body: string | object, signature?: string): Promise<AxiosResponse>;
  /** The end user writes, and the platform tells of it. Answers with the conversation's id. */
  write(text: string, conversationId?: string): string;
  /** A conversation without any webhook. */
  begin(how?: { conversationId?: string; text?: string; locale?: string; textOnly?: boolean }): string;
  /** Such a conversation, handed off by the bot's call, once its case is open. */
  handOff(call?: Record<string, unknown>, conversationId?: string): Promise<string>;
  /** The conversation as its end user sees it, a line for each moment. */
  seen(conversationId: string): string[];
  /** Its business side alone. */
  shown(conversationId: string): string[];
  entries(conversationId: string): TimelineEntry[];
  untilShown(conversationId: string, line: string): Promise<void>;
  /** What came to the agent after the case was opened. */
  inCase(conversationId: string): Promise<string[]>;
  untilInCase(conversationId: string, line: string): Promise<void>;
  breaches(): unknown[];
  /** Of the API's counter of webhooks, for the platform. */
  counted(outcome: string): Promise<number>;
}

export async function startBusinessService(options: BusinessServiceOptions = {}): Promise<BusinessService> {
  const bot = listener();
  let simulator!: BusinessMessagesSimulator;
  const core = await startCore(options, (places) => {
    simulator = createSimulator(places);
    const router = Router().post('/bot', bot.listen).use(simulator.router);
    return { router, settings: { ...settingsFor(places), ...options.platform }, close: () => simulator.close() };
  });
  const { account, url } = core;
  const { endUsers, faults, journal } = simulator;

  const service: BusinessService = {
    ...core,
    simulator,
    heard: (conversationId) => bot.heard.filter(({ body }) => conversationIn(body) === conversationId),
    refuseAtBot: (times) => bot.refuse(times),
    post(body, signature) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const headers = { 'content-type': 'application/json', 'x-goog-signature': signature ?? sign(text) };
      const asIs = (data: unknown) => data;
      return core.bot.post(`${url}/webhooks/${account}/platform`, text, { headers, transformRequest: asIs });
    },
    write: (text, conversationId) => endUsers.write({ text, conversationId }).conversationId,
    begin(how = {}) {
      const usual = faults.webhooks;
      faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
      const { conversationId } = endUsers.write({ text: 'Hello', ...how });
      faults.set({ webhooks: usual });
      return conversationId;
    },
    async handOff(call = {}, conversationId = service.begin()) {
      const { status } = await core.bot.post('/v1/handoffs', { conversationId, account, ...call });
      if (status !== 202) throw new Error(`the handoff was answered with ${status}`);
      await service.until(conversationId, 'waiting');
      return conversationId;
    },
    entries: (conversationId) => endUsers.conversation(conversationId).timeline,
    seen: (conversationId) => service.entries(conversationId).map(lineOf),
    shown: (conversationId) =>
      service
        .entries(conversationId)
        .filter(({ kind }) => kind !== 'end-user-message')
        .map(lineOf),
    async untilShown(conversationId, line) {
      await eventually(`the end user sees '${line}'`, () => service.seen(conversationId).includes(line));
    },
    async inCase(conversationId) {
      const { messages } = await service.deskCase(conversationId);
      return messages.flatMap((message) =>
        message.from === 'end-user' ? [`${message.author ?? '?'}: ${textOf(message.content)}`] : [],
      );
    },
    async untilInCase(conversationId, line) {
      await eventually(`the agent has '${line}'`, async () => (await service.inCase(conversationId)).includes(line));
    },
    breaches: () => journal.since().filter(({ kind }) => kind === 'breach'),
    async counted(outcome) {
      const { data } = await core.bot.get<string>('/metrics');
      const labels = `account="${account}",connection="platform",outcome="${outcome}"`;
      return Number(data.split(`handoff_api_webhook_events_total{${labels}} `)[1]?.split('\n')[0] ?? 0);
    },
  };
  return service;
}

export function sign(body: string, key = CLIENT_TOKEN): string {
  return createHmac('sha512', key).update(body).digest('base64');
}

function createSimulator({ account, url, bot }: Places): BusinessMessagesSimulator {
  return createBusinessMessagesSimulator({
    serviceAccount: { clientEmail: CLIENT_EMAIL, publicKey: KEYS.publicKey },
    clientToken: CLIENT_TOKEN,
    webhookUrl: `${url}/webhooks/${account}/platform`,
    retryScheduleMs: RETRY_SCHEDULE_MS,
    bot: {
      ...BOT,
      async call(handoff) {
        const { status } = await bot.post('/v1/handoffs', { ...handoff, account });
        if (status !== 202) throw new Error(`the handoff was answered with ${status}`);
      },
    },
  });
}

function settingsFor({ platformUrl }: Places): Record<string, unknown> {
  return {
    kind: 'business-messages',
    baseUrl: platformUrl,
    serviceAccount: {
      clientEmail: CLIENT_EMAIL,
      privateKey: KEYS.privateKey,
      tokenUri: `${platformUrl}/token`,
    },
    webhook: { clientToken: CLIENT_TOKEN },
    botUrl: `${platformUrl}/bot`,
    bot: BOT,
  };
}

/** Writes down what the bot hears, and refuses what it is set to refuse. */
function listener() {
  const heard: Heard[] = [];
  let refusals = 0;
  const note: RequestHandler = (req, res, next) => {
    const taken = refusals === 0;
    heard.push({ body: String(req.body), signature: req.get('x-goog-signature'), taken });
    if (taken) return next();
    refusals--;
    res.status(503).end();
  };
  return {
    heard,
    listen: [express.raw({ type: () => true }), note],
    refuse(times: number) {
      refusals = times;
    },
  };
}

function conversationIn(body: string): string | undefined {
  return (JSON.parse(body) as { conversationId?: string }).conversationId;
}

/** `HUMAN Jane Doe: text`, `JOINED Jane Doe`; what the device cannot show is its fallback. */
function lineOf(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'end-user-message':
      return `end user: ${entry.text}`;
    case 'agent-message': {
      const { representativeType, displayName } = entry.representative;
      const content = entry.image ? 'image' : 'card';
      const said = entry.text ?? (entry.shown === 'fallback' ? entry.fallback : content);
      return `${representativeType} ${displayName}: ${said}`;
    }
    case 'event':
      return `${entry.eventType.replace('REPRESENTATIVE_', '')} ${entry.representative.displayName}`;
    case 'survey':
      return 'survey';
  }
}

function textOf(content: { kind: string; text?: string }): string {
  return content.text ?? `[${content.kind}]`;
}

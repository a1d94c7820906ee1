import { randomUUID } from 'node:crypto';
import axios from 'axios';
import express, { type RequestHandler } from 'express';
import { subscribe } from '../../cli/subscribe';
import { createInfobipSimulator, type InfobipSimulator } from '../../sandbox/infobip';
import { RETRY_SCHEDULE_MS, SECRETS, startCore, type Core, type CoreOptions, type Places } from './core';

export { SECRETS } from './core';

export interface ServiceOptions extends CoreOptions {
  infobip?: Partial<Parameters<typeof createInfobipSimulator>[0]>;
  /** Files that end users send, by their path at the platform, which gives them to who has its credentials. */
  files?: Record<string, { mimeType: string; bytes: Buffer }>;
}

/** The whole service between Infobip's simulator and the desk, on the real Temporal server, as one test file needs it. */
export interface Service extends Core {
  infobip: InfobipSimulator;
  say(text: string, from?: string): string;
  /** A conversation with a past that is handed off at once. */
  handOff(body?: Record<string, unknown>, past?: string[]): Promise<{ conversationId: string; from: string }>;
  /** What the end user got from our side of the conversation, oldest first. */
  received(conversationId: string): string[];
  /** A call of Infobip's API that is not ours. */
  platformCall(method: string, path: string, body?: object): Promise<void>;
}

const UNLIMITED = { perSecond: 10_000, burst: 10_000 };

export async function startService({ infobip: own, files = {}, ...options }: ServiceOptions = {}): Promise<Service> {
  let infobip!: InfobipSimulator;
  const core = await startCore(options, (places) => {
    infobip = simulator(places, own);
    const webhook = { mode: 'subscription', secret: SECRETS.webhook };
    const settings = {
      kind: 'infobip',
      baseUrl: places.platformUrl,
      apiKey: SECRETS.infobip,
      webhook,
      // The simulator has its own limits; tests are not to wait for ours.
      rateLimit: UNLIMITED,
      messageReadLimit: UNLIMITED,
      filePaths: Object.keys(files).length > 0 ? Object.keys(files) : undefined,
    };
    const router = express.Router().use(filesOf(files), infobip.router);
    return { router, settings, close: () => infobip.close() };
  });
  const { account, bot, platformUrl } = core;
  const quietly = { print: () => undefined, confirm: () => Promise.resolve(true) };
  await subscribe([...core.accounts.values()], core.url, quietly);

  return {
    ...core,
    infobip,
    say: (text, from) => infobip.endUsers.receive({ text, from }).conversationId,
    async handOff(body = {}, past = ['Hello']) {
      const from = `CHAT-${randomUUID()}`;
      const messages = past.map((text) => ({ text }));
      const { conversationId } = infobip.endUsers.addConversation({ from, messages, bot: 'paused' });
      await bot.post('/v1/handoffs', { conversationId, account, ...body });
      return { conversationId, from };
    },
    received(conversationId) {
      const messages = infobip.endUsers.conversation(conversationId)?.messages ?? [];
      return messages.flatMap(({ direction, authorType, content }) =>
        direction === 'OUTBOUND' && authorType !== 'BOT' ? [String((content as { text?: string }).text)] : [],
      );
    },
    async platformCall(method, path, data) {
      const headers = { authorization: `App ${SECRETS.infobip}` };
      await axios.request({ method, url: `${platformUrl}${path}`, data, headers });
    },
  };
}

function simulator({ account, bot }: Places, own: ServiceOptions['infobip']): InfobipSimulator {
  return createInfobipSimulator({
    apiKey: SECRETS.infobip,
    retryScheduleMs: RETRY_SCHEDULE_MS,
    bot: {
      async call(conversationId) {
        await bot.post('/v1/handoffs', { conversationId, account });
        return {};
      },
    },
    ...own,
  });
}

function filesOf(files: NonNullable<ServiceOptions['files']>): RequestHandler {
  return (req, res, next) => {
    const file = files[req.path];
    if (!file) next();
    else if (req.headers.authorization !== `App ${SECRETS.infobip}`) res.status(401).end();
    else res.type(file.mimeType).send(file.bytes);
  };
}

import { randomUUID } from 'node:crypto';
import { Router, type RequestHandler } from 'express';
import { faultsMiddleware } from '../shared/faults';
import { Journal } from '../shared/journal';
import { AgentApi } from './agent-api';
import { Bot, type HandoffCall } from './bot';
import { controlRoutes } from './control';
import { EndUsers } from './end-users';
import { noSuchOperation, sendError } from './errors';
import { BusinessMessagesFaults } from './faults';
import { OAuth, type ServiceAccount } from './oauth';
import { apiRoutes } from './routes';
import { Store } from './store';
import { Webhooks } from './webhooks';

export type { BotHandoff } from './bot';
export type { ConversationView } from './end-users';
export type { TimelineEntry } from './model';

export interface BusinessMessagesOptions {
  serviceAccount: ServiceAccount;
  /** The agent's webhook: where the service takes it, and what signs it. */
  webhookUrl: string;
  clientToken: string;
  bot?: HandoffCall & { displayName?: string; avatarImage?: string };
  /** How long to wait before each further attempt of a webhook, of which there are no more than these. */
  retryScheduleMs?: number[];
  now?: () => number;
}

/**
 * A simulator of Google Business Messages, which ended on 2024-07-31, with a chatbot behind it. It is written from the
 * published facts alone and shares no code with the connector, so that it can prove it wrong.
 */
export interface BusinessMessagesSimulator {
  /** The API under `/v1`, tokens at `/token`, the bot's webhook at `/bot`, the controls under `/sandbox`. */
  router: Router;
  /** What end users do, and what can be seen of their conversations. */
  endUsers: EndUsers;
  faults: BusinessMessagesFaults;
  /**
   * API requests as `request`, requests for tokens as `token`, the bot's messages as `bot`, attempts of webhooks as
   * `webhook`, faults that hit as `fault`, and as `breach` what came in a wrong order.
   */
  journal: Journal;
  /** Whether the webhook's address answers as its owner would. */
  handshake(): Promise<boolean>;
  /** Takes back all access tokens before their time. */
  revokeTokens(): void;
  /** Forgets conversations, faults and journal. */
  reset(): void;
  /** Stops sending webhooks. */
  close(): void;
}

export function createBusinessMessagesSimulator(options: BusinessMessagesOptions): BusinessMessagesSimulator {
  const { clientToken, webhookUrl, retryScheduleMs, bot: handoff, now = Date.now } = options;
  const journal = new Journal({ now: () => new Date(now()) });
  const faults = new BusinessMessagesFaults(journal);
  const store = new Store(now);
  const oauth = new OAuth(options.serviceAccount, journal, now);
  const webhooks = new Webhooks({ url: webhookUrl, key: clientToken, faults, journal, retryScheduleMs });
  const endUsers = new EndUsers(store, webhooks);
  const api = new AgentApi(store, journal, faults);
  const { displayName = 'Hello World Agent', avatarImage } = handoff ?? {};
  const bot = new Bot({ api, key: clientToken, shownAs: { displayName, avatarImage }, handoff, journal, now });
  const handshake = () => webhooks.handshake(clientToken, randomUUID());
  const revokeTokens = () => oauth.revokeTokens();
  const reset = () => {
    for (const part of [webhooks, faults, store, bot, journal]) part.clear();
  };

  const router = Router();
  router.use('/sandbox', controlRoutes({ endUsers, faults, journal, handshake, revokeTokens, reset }));
  router.post('/token', oauth.issue);
  router.post('/bot', bot.receive);
  router.use(record(journal), faultsMiddleware(faults), oauth.authenticate, apiRoutes(api));
  router.use(noSuchOperation, sendError);
  return { router, endUsers, faults, journal, handshake, revokeTokens, reset, close: () => webhooks.clear() };
}

/** Writes each request and its answer down; `answered` is false where the connection broke first. */
function record(journal: Journal): RequestHandler {
  return (req, res, next) => {
    const { method, path, query } = req;
    res.on('close', () => {
      const { statusCode: status, writableFinished: answered } = res;
      journal.append('request', { method, path, query, request: req.body as unknown, status, answered });
    });
    next();
  };
}

import express, { Router, type RequestHandler } from 'express';
import { Journal, type JournalEntry } from '../shared/journal';
import { faultsMiddleware } from '../shared/faults';
import { authenticate, limitRate, type Credentials } from './access';
import { Bot, type HandoffCall } from './bot';
import { contextRoutes } from './context';
import { controlRoutes } from './control';
import { conversationRoutes } from './conversations';
import { EndUsers } from './end-users';
import { noSuchOperation, sendError } from './errors';
import { InfobipFaults } from './faults';
import { messageRoutes } from './messages';
import type { Scope } from './scope';
import { Store } from './store';
import { accountRoutes, subscriptionRoutes } from './subscription-routes';
import { Subscriptions } from './subscriptions';
import { conversationTagRoutes, tagRoutes } from './tags';
import { Webhooks } from './webhooks';

export interface InfobipOptions extends Credentials {
  /** How the bot makes the handoff call; without it the bot only says so and falls silent. */
  bot?: HandoffCall;
  /** How long a webhook may take where its profile does not say. */
  webhookTimeoutMs?: number;
  /** How long to wait before each further attempt of a webhook, of which there are no more than these. */
  retryScheduleMs?: readonly number[];
  unknownIdStatus?: 400 | 404;
  rateLimit?: { getMessagesPerMinute: number };
  now?: () => number;
  /** Gets every entry of the journal, of which only the latest are kept. */
  onEntry?: (entry: JournalEntry) => void;
}

/**
 * A simulator of Infobip's Conversations API, its webhooks, and a chatbot in front of it. It is written from the
 * published facts alone and shares no code with the connector, so that it can prove it wrong.
 */
export interface InfobipSimulator {
  /** The APIs under `/ccaas/1` and `/subscriptions/1`, the controls under `/sandbox`. */
  router: Router;
  /** What end users do, and what can be seen of their conversations. */
  endUsers: EndUsers;
  faults: InfobipFaults;
  /** Each API request as `request`, each attempt of a webhook as `webhook`, each fault that hits a request as `fault`. */
  journal: Journal;
  /** Forgets conversations, tags, faults and journal. What the account has subscribed to stays. */
  reset(): void;
  /** Stops sending webhooks. */
  close(): void;
}

const RETRY_SCHEDULE_MS = [1, 2, 4, 8, 16, 30, 60, 60, 60, 60].map((seconds) => seconds * 1000);
/** As published: 500 requests a minute, on this one operation. */
const GET_MESSAGES_PER_MINUTE = 500;

export function createInfobipSimulator(options: InfobipOptions): InfobipSimulator {
  const { now = Date.now, retryScheduleMs = RETRY_SCHEDULE_MS, webhookTimeoutMs: timeoutMs = 10_000 } = options;
  const journal = new Journal({ now: () => new Date(now()), onEntry: options.onEntry });
  const unknownIdStatus = options.unknownIdStatus ?? 400;
  const faults = new InfobipFaults(journal, unknownIdStatus);
  const subscriptions = new Subscriptions();
  const store = new Store(now, (event) => webhooks.publish(event));
  const webhooks = new Webhooks({ store, subscriptions, faults, journal, timeoutMs, retryScheduleMs });
  const endUsers = new EndUsers(store, new Bot(store, options.bot), now);
  const reset = () => {
    webhooks.reset();
    for (const part of [store, faults, journal]) part.clear();
  };
  const scope: Scope = { store, now, unknownIdStatus };
  const limitReads = limitRate(options.rateLimit?.getMessagesPerMinute ?? GET_MESSAGES_PER_MINUTE, now);

  const router = Router();
  router.use('/sandbox', controlRoutes({ endUsers, faults, journal, reset }));
  router.use(record(journal), faultsMiddleware(faults), authenticate(options), express.json());
  router.use(
    '/ccaas/1/conversations',
    conversationRoutes(scope),
    messageRoutes(scope, limitReads),
    conversationTagRoutes(scope),
    contextRoutes(scope),
  );
  router.use('/ccaas/1/tags', tagRoutes(scope));
  router.use('/ccaas/1/account', accountRoutes(subscriptions));
  router.use('/subscriptions/1', subscriptionRoutes(subscriptions));
  router.use(noSuchOperation, sendError);
  return { router, endUsers, faults, journal, reset, close: () => webhooks.close() };
}

/** Writes each request and its answer down; `answered` is false where the connection broke first. */
function record(journal: Journal): RequestHandler {
  return (req, res, next) => {
    const { method, path, query } = req;
    let response: unknown;
    const json = res.json.bind(res);
    res.json = (body: unknown) => json((response = body));
    res.on('close', () => {
      const { statusCode: status, writableFinished: answered } = res;
      journal.append('request', { method, path, query, request: req.body as unknown, status, response, answered });
    });
    next();
  };
}

import { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { Faults, faultsMiddleware } from '../shared/faults';
import { Journal } from '../shared/journal';
import { sendProblem } from '../shared/problem';
import { WebhookQueue, type OutgoingWebhook } from '../shared/webhook-queue';
import { Cases, type DeskCase, type DeskEvent } from './cases';
import { contractRouter } from './contract';
import { controlRouter } from './control';
import { webhookHeaders } from './signature';

export type { DeskCase, DeskMessage, DeskNote } from './cases';
export type { DeskAgent } from './schemas';

export interface DeskOptions {
  /** `whsec_…`, shared with the service. */
  secret: string;
  /** Where the service takes this desk's webhooks. */
  webhookUrl: string;
  /** Where the router is mounted, for links to cases. */
  baseUrl?: string;
  now?: () => Date;
  retryScheduleMs?: number[];
}

/** A small contact center in memory that speaks the contract of docs/custom-contact-center.md. */
export interface Desk {
  /** The contract's calls, and the desk's controls under `/sandbox`. */
  router: Router;
  cases(): DeskCase[];
  faults: Faults;
  /** Forgets cases, faults, journal and webhooks under way. */
  reset(): void;
  /** Stops sending webhooks. */
  close(): void;
}

export function createDesk({
  secret,
  webhookUrl,
  baseUrl,
  now = () => new Date(),
  retryScheduleMs,
}: DeskOptions): Desk {
  const journal = new Journal(undefined, now);
  const faults = new Faults();
  const webhooks = new WebhookQueue({ faults, journal, retryScheduleMs });
  const onEvent = (event: DeskEvent) => webhooks.push(webhookOf(event, secret, webhookUrl));
  const onChange = (kind: string, details: Record<string, unknown>) => void journal.append(kind, details);
  const cases = new Cases({ now, baseUrl, onEvent, onChange });
  const reset = () => {
    webhooks.clear();
    faults.clear();
    cases.clear();
    journal.clear();
  };
  const router = Router();
  router.use('/sandbox', controlRouter({ cases, journal, faults, reset }));
  router.use(journaled(journal), faultsMiddleware(faults), contractRouter(secret, cases));
  router.use((_req, res) => sendProblem(res, 404, { detail: 'the desk has no such address' }));
  router.use(refuse);
  return { router, cases: () => cases.list(), faults, reset, close: () => webhooks.clear() };
}

function webhookOf(event: DeskEvent, secret: string, url: string): OutgoingWebhook {
  const body = JSON.stringify(event);
  return {
    about: { event: event.id, type: event.type, caseKey: event.caseKey },
    async post(signal) {
      const headers = { 'Content-Type': 'application/json', ...webhookHeaders(secret, event.id, body) };
      const answer = await fetch(url, { method: 'POST', headers, body, signal });
      await answer.body?.cancel();
      return answer.status;
    },
  };
}

/** `status` is null where the caller got no answer. */
function journaled(journal: Journal): RequestHandler {
  return ({ method, url }, res, next) => {
    res.once('close', () => {
      journal.append('call', { method, path: url, status: res.writableEnded ? res.statusCode : null });
    });
    next();
  };
}

/** What the body parsers throw: a body too large, or none that can be read. */
const refuse: ErrorRequestHandler = (error: { status?: number; message?: string }, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = error.status ?? 500;
  const code = status === 413 ? 'too-large' : status < 500 ? 'rejected' : undefined;
  sendProblem(res, status, { code, detail: error.message });
};

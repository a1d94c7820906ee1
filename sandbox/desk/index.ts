import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { Faults, faultsMiddleware } from '../shared/faults';
import { Journal, type JournalEntry } from '../shared/journal';
import { sendProblem } from '../shared/problem';
import { Cases, type DeskCase } from './cases';
import { contractRouter } from './contract';
import { controlRouter } from './control';
import { Webhooks } from './webhooks';

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
  /** Gets every entry of the journal, of which only the latest are kept. */
  onEntry?: (entry: JournalEntry) => void;
}

/** A small contact center in memory that speaks the contract of docs/custom-contact-center.md. */
export interface Desk {
  /** The contract's calls, and the desk's controls under `/sandbox`. */
  router: Router;
  cases(): DeskCase[];
  /** One case by the desk's id. */
  case(id: string): DeskCase | undefined;
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
  onEntry,
}: DeskOptions): Desk {
  const journal = new Journal({ now, onEntry });
  const faults = new Faults();
  const webhooks = new Webhooks({ secret, url: webhookUrl, faults, journal, retryScheduleMs });
  const onChange = (kind: string, details: Record<string, unknown>) => void journal.append(kind, details);
  const cases = new Cases({ now, baseUrl, onEvent: (event) => webhooks.push(event), onChange });
  const reset = () => {
    webhooks.clear();
    faults.clear();
    cases.clear();
    journal.clear();
  };
  const router = Router();
  router.use('/sandbox', controlRouter({ cases, journal, faults, reset }));
  router.use(journaled(journal), express.raw({ type: () => true, limit: '64mb' }));
  router.use(faultsMiddleware(faults), contractRouter(secret, cases));
  router.use((_req, res) => sendProblem(res, 404, { detail: 'the desk has no such address' }));
  router.use(refuse);
  const close = () => webhooks.clear();
  return { router, cases: () => cases.list(), case: (id) => cases.get(id), faults, reset, close };
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

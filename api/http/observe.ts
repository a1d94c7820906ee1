import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../../settings/logger';
import type { Metrics } from '../operations/metrics';
import type { Caller } from './auth';
import { requestIdOf } from './request-id';

/** What a handler adds to the log line of its request: names and ids, never texts or secrets. */
export interface LogFields {
  account?: string;
  /** A contact center's name, or `platform`. */
  connection?: string;
  handoffId?: string;
  /** In place of `handoffId` where it is about several. */
  handoffIds?: string[];
  /** The types of the events of a webhook. */
  events?: string[];
  /** The ids of their messages, as the worker's log names them too. */
  messageIds?: string[];
  /** What became of a webhook's items, as the metrics count it. */
  outcomes?: Record<string, number>;
  /** What happened where the status does not say it. */
  note?: string;
  /** Why it was refused or failed. */
  reason?: string;
  /** What a dependency said. */
  cause?: string;
  stack?: string;
}

/** Adds to the log line that the request ends with. */
export function logFields(res: Response, fields: LogFields): void {
  res.locals.log = { ...(res.locals.log as LogFields | undefined), ...fields };
}

/** The note of requests that were shed: one line for each would make an overload worse. */
export const OVERLOADED = 'overloaded';

/**
 * What became of webhooks that concern no handoff, which most webhooks of a platform are: those of conversations with
 * the bot, and the copies of what was sent.
 */
const ROUTINE = ['no-handoff', 'to-bot', 'echo', 'own-act', 'receipt', 'typing-stopped', 'unknown-type', 'poll-now'];

/** Asked for every few seconds by probes and scrapers. */
const QUIET_ROUTES = ['/healthz', '/readyz', '/metrics'];

/**
 * Gives each request an id and one log line, with the route's template and never the URL, which may hold a secret or
 * the link to a file.
 */
export function logRequests(logger: Logger): RequestHandler {
  const line = (req: IncomingMessage, res: ServerResponse, { ms }: { ms: number }) => {
    const { locals } = res as Response;
    const { name: caller } = (locals.caller ?? {}) as Partial<Caller>;
    const ended = { method: req.method, route: routeOf(req as Request), status: statusOf(res), ms, caller };
    return { ...ended, ...(locals.log as LogFields) };
  };
  const log = pinoHttp({
    logger,
    genReqId: requestIdOf,
    quietReqLogger: true,
    quietResLogger: true,
    wrapSerializers: false,
    serializers: { req: () => undefined },
    customAttributeKeys: { responseTime: 'ms', reqId: 'requestId' },
    customLogLevel: levelOf,
    customSuccessObject: line,
    customErrorObject: (req, res, _error, value) => line(req, res, value as { ms: number }),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
  });
  return (req, res, next) => {
    res.set('X-Request-Id', requestIdOf(req));
    log(req, res, next);
  };
}

function levelOf(req: IncomingMessage, res: ServerResponse) {
  const route = routeOf(req as Request);
  const { note, outcomes } = ((res as Response).locals.log ?? {}) as LogFields;
  const status = statusOf(res);
  const isRoutine = outcomes !== undefined && Object.keys(outcomes).every((one) => ROUTINE.includes(one));
  if (QUIET_ROUTES.includes(route) || note === OVERLOADED || (isRoutine && status === 200)) return 'debug';
  return status < 500 ? 'info' : status === 503 ? 'warn' : 'error';
}

/** Times each request by its route's template. */
export function measureRequests({ requests }: Metrics): RequestHandler {
  return (req, res, next) => {
    const end = requests.startTimer({ method: req.method });
    res.on('close', () => end({ route: routeOf(req), status: statusOf(res) }));
    next();
  };
}

/** 499: the caller closed the connection first. */
function statusOf(res: ServerResponse): number {
  return res.writableEnded ? res.statusCode : 499;
}

function routeOf(req: Request): string {
  const route = req.route as { path: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'none';
}

/** For answers that no browser is meant to render or embed. TLS is the business of whatever stands before the API. */
export const securityHeaders: RequestHandler[] = [
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  }),
  (_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  },
];

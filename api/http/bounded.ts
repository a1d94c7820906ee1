import { json, raw, type Request, type RequestHandler, type Response } from 'express';
import type { AppContext } from '../context';
import { BODY_LIMIT_BYTES, LARGE_BODY_BYTES } from './limits';
import { logFields, OVERLOADED } from './observe';
import { Problem, tooLarge, unavailable } from './problem';

const PARSERS = {
  json: json({ limit: BODY_LIMIT_BYTES, type: ['application/json', 'application/*+json'] }),
  bytes: raw({ limit: BODY_LIMIT_BYTES, type: () => true }),
};

interface Bounds<P> {
  body?: keyof typeof PARSERS;
  /** Who is responsible for the load: a connection or an API key. */
  origin: (req: Request<P>, res: Response) => string;
}

/** `leave` gives the place in the gate back before the handler is done: for those that only wait. */
type BoundedHandler<P> = (req: Request<P>, res: Response, leave: () => void) => Promise<void> | void;

/**
 * A handler that takes a place in the gate before its body is read and gives it back when it is done. Where no place
 * is free, the answer is a 503 at once. All that can be refused without the body comes before it.
 */
export function bounded<P = Record<string, string>>(
  context: Pick<AppContext, 'gates' | 'limits' | 'metrics'>,
  { body, origin }: Bounds<P>,
  handler: BoundedHandler<P>,
): RequestHandler<P> {
  const parser = body && (PARSERS[body] as RequestHandler<P>);
  return async (req, res) => {
    const bytes = expectedBytes(req);
    if (bytes > BODY_LIMIT_BYTES) throw tooLarge();
    const leave = enter(context.gates, origin(req, res), parser !== undefined && bytes > LARGE_BODY_BYTES);
    if (!leave) {
      context.metrics.shed.inc();
      logFields(res, { note: OVERLOADED });
      throw unavailable('Too many requests are in flight.', { retryAfterMs: 1_000 });
    }
    try {
      if (parser) await readBody(parser, req, res, context.limits.bodyTimeoutMs);
      await handler(req, res, leave);
    } finally {
      leave();
    }
  };
}

/** As the headers say; a body of unknown length may be as large as is allowed. */
function expectedBytes<P>({ headers }: Request<P>): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : BODY_LIMIT_BYTES;
}

/** Large bodies need a place of their own kind as well: they are what fills the memory. */
function enter({ requests, largeBodies }: AppContext['gates'], origin: string, isLarge: boolean) {
  const leave = requests.enter(origin);
  if (!leave || !isLarge) return leave;
  const leaveLarge = largeBodies.enter(origin);
  if (!leaveLarge) {
    leave();
    return undefined;
  }
  return () => {
    leave();
    leaveLarge();
  };
}

/** Reads the body within the time limit. A body that takes longer ends the connection. */
function readBody<P>(parser: RequestHandler<P>, req: Request<P>, res: Response, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const expire = () => {
      const headers = { Connection: 'close' };
      reject(new Problem(408, `The body did not arrive within ${timeoutMs / 1000} seconds.`, { headers }));
    };
    const timer = setTimeout(expire, timeoutMs);
    const done = (error?: unknown) => {
      clearTimeout(timer);
      if (error instanceof Error) reject(error);
      else resolve();
    };
    void parser(req, res, done);
  });
}

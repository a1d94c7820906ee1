import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const requestIds = new WeakMap<IncomingMessage, string>();

/** The caller's own id, else the trace id of W3C's `traceparent`, else a new one; the same for the whole request. */
export function requestIdOf(req: IncomingMessage): string {
  const known = requestIds.get(req);
  if (known) return known;
  const given = /^[\w.-]{1,64}$/.exec(String(req.headers['x-request-id'] ?? ''))?.[0];
  const trace = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-/.exec(String(req.headers.traceparent ?? ''))?.[1];
  const id = given ?? trace ?? randomUUID();
  requestIds.set(req, id);
  return id;
}

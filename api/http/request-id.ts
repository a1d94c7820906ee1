import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const requestIds = new WeakMap<IncomingMessage, string>();

/** The caller's own id where it is one, else a new one; the same for the whole request. */
export function requestIdOf(req: IncomingMessage): string {
  const known = requestIds.get(req);
  if (known) return known;
  const id = /^[\w.-]{1,64}$/.exec(String(req.headers['x-request-id'] ?? ''))?.[0] ?? randomUUID();
  requestIds.set(req, id);
  return id;
}

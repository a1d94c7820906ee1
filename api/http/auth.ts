import type { NextFunction, Response } from 'express';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Scope, Settings } from '../../settings/schema';
import { Problem } from './problem';

type ApiKey = Settings['api']['keys'][number];

/** Compares two secrets in a time that tells nothing of either, not even their lengths. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Lets pass who has a key with this scope: 401 without a known key, 403 with one that may not. */
export function requireScope(keys: ApiKey[], scope: Scope) {
  return (req: IncomingMessage, res: Response, next: NextFunction): void => {
    const given = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1];
    // Every key is compared, so that the time taken does not tell which one came near.
    const known = given === undefined ? [] : keys.filter(({ key }) => sameSecret(key, given));
    const key = known[0];
    if (!key) {
      const headers = { 'WWW-Authenticate': 'Bearer' };
      throw new Problem(401, 'Send a known key as `Authorization: Bearer KEY`.', { headers });
    }
    if (!key.scopes.includes(scope)) {
      const headers = { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` };
      throw new Problem(403, `The key '${key.name}' lacks the scope ${scope}.`, { headers });
    }
    res.locals.caller = key.name;
    next();
  };
}

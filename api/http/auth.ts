import type { RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Scope, Settings } from '../../settings/schema';
import { Problem } from './problem';

type ApiKey = Settings['api']['keys'][number];

/** Who calls, as the handlers behind {@link requireScope} find it in `res.locals.caller`. */
export type Caller = Pick<ApiKey, 'name' | 'accounts'>;

/** Failed attempts of one address in a minute, after which it is answered 429; a known key is never refused for it. */
const MAX_FAILURES_PER_MINUTE = 30;

/** Compares two secrets in a time that tells nothing of either, not even their lengths. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/**
 * Makes the check for each scope: 401 without a known key, 403 with one that lacks the scope. Addresses are counted
 * only where the key is unknown, since behind a proxy all callers share one.
 */
export function createAuth(keys: ApiKey[]): (scope: Scope) => RequestHandler<never> {
  const unknownKey = new Problem(401, 'Send a valid key as `Authorization: Bearer KEY`.', {
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
  const refuseUnknown = rateLimit({
    windowMs: 60_000,
    limit: MAX_FAILURES_PER_MINUTE,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    validate: false,
    handler: (_req, _res, next) => next(new Problem(429, 'Too many requests without a valid key.')),
  });
  return (scope) => (req, res, next) => {
    const key = knownKey(keys, req.headers.authorization);
    if (!key) {
      void refuseUnknown(req, res, (error?: unknown) => next(error ?? unknownKey));
      return;
    }
    if (!key.scopes.includes(scope)) {
      const headers = { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` };
      throw new Problem(403, `The key '${key.name}' lacks the scope ${scope}.`, { headers });
    }
    res.locals.caller = key satisfies Caller;
    next();
  };
}

/** Every key is compared, so that the time taken does not tell which one came near. */
function knownKey(keys: ApiKey[], authorization: string | undefined): ApiKey | undefined {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return given === undefined ? undefined : keys.filter(({ key }) => sameSecret(key, given))[0];
}

export function callerOf(res: Response): Caller {
  return res.locals.caller as Caller;
}

/** Throws 403 where the caller's key is limited to other accounts. */
export function requireAccount({ name, accounts }: Caller, account: string): void {
  if (accounts && !accounts.includes(account)) {
    throw new Problem(403, `The key '${name}' cannot be used for the account '${account}'.`);
  }
}

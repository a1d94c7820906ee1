import { timingSafeEqual, createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { tooManyRequests, unauthorized } from './errors';

export interface Credentials {
  apiKey: string;
  basic?: { username: string; password: string };
}

/** Admits `App KEY` and, where it is set up, Basic. */
export function authenticate({ apiKey, basic }: Credentials): RequestHandler {
  const admitted = [`App ${apiKey}`];
  if (basic) admitted.push(`Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`);
  return (req, _res, next) => {
    const given = req.get('authorization') ?? '';
    if (!admitted.some((value) => equal(value, given))) throw unauthorized();
    next();
  };
}

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const MINUTE = 60_000;

/** Admits so many requests in each minute, account-wide, and answers the others with the time until the next minute. */
export function limitRate(perMinute: number, now: () => number): RequestHandler {
  let windowStart = -Infinity;
  let count = 0;
  return (_req, _res, next) => {
    if (now() - windowStart >= MINUTE) [windowStart, count] = [now(), 0];
    count += 1;
    if (count > perMinute) throw tooManyRequests(Math.ceil((windowStart + MINUTE - now()) / 1000));
    next();
  };
}

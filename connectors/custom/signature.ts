import { createHmac, randomUUID, timingSafeEqual, type Hmac } from 'node:crypto';
import { WebhookError } from '../shared/errors';
import type { WebhookRequest } from '../shared/webhook-request';

/**
 * Signatures both ways are those of Standard Webhooks; all secrets of a connection count, so that each can be rotated.
 * Made with Node's own HMAC, over bytes: the specification's library hashes in JavaScript, which for a call with files
 * keeps the process from all else for half a second.
 */

const TOLERANCE_SECONDS = 5 * 60;

/**
 * The headers that prove a call of ours. Signed is more than the body: `METHOD path\n` goes before it, with the path
 * as it follows the desk's base URL (query included), so that nobody can turn a call to another case. That prefix
 * also keeps a call of ours from ever passing as a webhook of the desk's.
 */
export async function signCall(
  secrets: string[],
  method: string,
  path: string,
  body: AsyncIterable<Buffer> | Buffer[] = [],
): Promise<Record<string, string>> {
  const id = `msg_${randomUUID()}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const macs = secrets.map((secret) => hmac(secret).update(`${id}.${timestamp}.${method} ${path}\n`));
  for await (const piece of body) macs.forEach((mac) => mac.update(piece));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': macs.map((mac) => `v1,${mac.digest('base64')}`).join(' '),
  };
}

/** Throws {@link WebhookError} unless one of the secrets has signed these very bytes within the last five minutes. */
export function verifyWebhook(secrets: string[], { rawBody, headers }: WebhookRequest): void {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return value;
    throw new WebhookError('unauthorized', `the header ${name} is missing`);
  }) as [string, string, string];
  const given = signatures.split(' ').map(signatureIn);
  const valid = secrets.some((secret) => {
    const expected = hmac(secret).update(`${id}.${timestamp}.`).update(rawBody).digest();
    return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  });
  if (!valid) throw new WebhookError('unauthorized', 'invalid signature');
  if (!isCurrent(timestamp)) {
    throw new WebhookError('unauthorized', 'timestamp outside the tolerance of five minutes; check the clocks');
  }
}

function hmac(secret: string): Hmac {
  return createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
}

/** The bytes of `v1,BASE64`; none for signatures of other versions. */
function signatureIn(signature: string): Buffer {
  return Buffer.from(signature.startsWith('v1,') ? signature.slice('v1,'.length) : '', 'base64');
}

function isCurrent(timestamp: string): boolean {
  const age = Date.now() / 1000 - Number(timestamp);
  return /^\d{1,12}$/.test(timestamp) && Math.abs(age) <= TOLERANCE_SECONDS;
}

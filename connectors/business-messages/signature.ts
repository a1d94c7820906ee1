import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from '../shared/webhook-request';
import type { WebhookSecrets } from './settings';

/** `X-Goog-Signature` is the base64 of HMAC-SHA512 over the bytes of the body, by the client token or partner key. */
export function isSigned({ rawBody, headers }: WebhookRequest, secrets: WebhookSecrets): boolean {
  const header = headers['x-goog-signature'];
  if (typeof header !== 'string') return false;
  const given = Buffer.from(header, 'base64');
  const keys = [...tokensOf(secrets), ...(secrets.partnerKey === undefined ? [] : [secrets.partnerKey])];
  return keys.map((key) => sameBytes(createHmac('sha512', key).update(rawBody).digest(), given)).includes(true);
}

/** Whether this is the client token, now or before its change. */
export function isClientToken(token: string, secrets: WebhookSecrets): boolean {
  return tokensOf(secrets)
    .map((own) => sameBytes(sha256(own), sha256(token)))
    .includes(true);
}

function tokensOf({ clientToken, previousTokens }: WebhookSecrets): string[] {
  return [clientToken, ...previousTokens];
}

function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

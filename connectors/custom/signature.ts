import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { WebhookError } from '../shared/errors';
import type { WebhookRequest } from '../platform';

/** Signatures both ways are those of Standard Webhooks; all secrets of a connection count, so that each can be rotated. */

/**
 * The headers that prove a call of ours. Signed is more than the body: `METHOD path\n` goes before it, with the path
 * as it follows the desk's base URL (query included), so that nobody can turn a call to another case. That prefix
 * also keeps a call of ours from ever passing as a webhook of the desk's.
 */
export function signCall(secrets: string[], method: string, path: string, body: string): Record<string, string> {
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  const signed = `${method} ${path}\n${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, signed)).join(' '),
  };
}

/**
 * The body of a webhook whose signature holds under one of the secrets, on its raw bytes and within five minutes.
 * Throws {@link WebhookError} for any other.
 */
export function verifiedBody(secrets: string[], { rawBody, headers }: WebhookRequest): string {
  // The library decodes before it signs: bytes that are no UTF-8 would all count as the same replacement character.
  if (!isUtf8(rawBody)) throw new WebhookError('malformed', 'the body is not UTF-8');
  const body = rawBody.toString('utf8');
  const proof = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name] ?? '')]),
  );
  let why = 'no secret is set';
  for (const secret of secrets) {
    try {
      new Webhook(secret).verify(body, proof, { jsonParse: false });
      return body;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
  }
  throw new WebhookError('unauthorized', `the webhook's signature does not hold: ${why}`);
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Faults } from '../shared/faults';
import type { Journal } from '../shared/journal';
import { WebhookQueue } from '../shared/webhook-queue';

interface Options {
  url: string;
  /** Signs every webhook. */
  key: string;
  faults: Faults;
  journal: Journal;
  retryScheduleMs?: number[];
}

/** As published, webhooks are tried for seven days; the pauses are not published: they double up to ten minutes. */
export const SEVEN_DAYS_OF_RETRIES = pausesUpTo(7 * 24 * 60 * 60 * 1000, 10 * 60 * 1000);

function pausesUpTo(totalMs: number, longestMs: number): number[] {
  const pauses: number[] = [];
  for (let pause = 1_000, sum = 0; sum < totalMs; pause = Math.min(pause * 2, longestMs)) {
    pauses.push(pause);
    sum += pause;
  }
  return pauses;
}

/** Base64 of HMAC-SHA512 over the body's bytes, as the header `X-Goog-Signature`. */
export function signatureOf(key: string, body: Buffer | string): string {
  return createHmac('sha512', key).update(body).digest('base64');
}

export function isSignedWith(key: string, body: Buffer, signature: string | undefined): boolean {
  const [given, right] = [Buffer.from(signature ?? ''), Buffer.from(signatureOf(key, body))];
  return given.length === right.length && timingSafeEqual(given, right);
}

/** What the platform tells the business. The webhooks of one conversation follow each other, but for the faults. */
export class Webhooks {
  private readonly queues = new Map<string, WebhookQueue>();

  constructor(private readonly options: Options) {}

  push(conversationId: string, payload: Record<string, unknown>): void {
    const { url, key } = this.options;
    const body = JSON.stringify(payload);
    const headers = { 'content-type': 'application/json', 'x-goog-signature': signatureOf(key, body) };
    this.queueOf(conversationId).push({
      about: { conversationId, payload },
      async post(signal) {
        const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
        await answer.body?.cancel();
        return answer.status;
      },
    });
  }

  /** Asks whoever has the address whether it is theirs: they have to answer with the secret. */
  async handshake(clientToken: string, secret: string): Promise<boolean> {
    const answer = await fetch(this.options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clientToken, secret }),
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    const verified = answer.status === 200 && (await answer.text()) === secret;
    this.options.journal.append('handshake', { verified, status: answer.status });
    return verified;
  }

  /** Ends all that is under way. */
  clear(): void {
    for (const queue of this.queues.values()) queue.clear();
    this.queues.clear();
  }

  private queueOf(conversationId: string): WebhookQueue {
    const { faults, journal, retryScheduleMs = SEVEN_DAYS_OF_RETRIES } = this.options;
    const queue =
      this.queues.get(conversationId) ?? new WebhookQueue({ faults, journal, about: conversationId, retryScheduleMs });
    this.queues.set(conversationId, queue);
    return queue;
  }
}

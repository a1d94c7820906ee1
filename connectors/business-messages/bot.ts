import { setTimeout as sleep } from 'node:timers/promises';
import { VendorError } from '../shared/errors';
import { createHttp } from '../shared/http';
import type { WebhookRequest } from '../shared/webhook-request';

interface Patience {
  /** The pauses before the second and each further attempt. */
  pausesMs: number[];
  /** The time for all attempts together: the platform stops waiting for an answer soon after. */
  deadlineMs: number;
}

/**
 * Passes a webhook on to the bot as it came, so that the bot can check its signature. Throws `unavailable` where the
 * bot does not accept it, whereupon the platform delivers it again.
 */
export async function forwardToBot(
  botUrl: string,
  { rawBody, headers }: WebhookRequest,
  { pausesMs, deadlineMs }: Patience = { pausesMs: [200, 800], deadlineMs: 10_000 },
): Promise<void> {
  const http = createHttp({ vendor: 'The bot', baseUrl: '' });
  const signal = AbortSignal.timeout(deadlineMs);
  const config = { method: 'POST', url: botUrl, data: rawBody, headers: passedOn(headers), signal };
  for (const pause of [...pausesMs, undefined]) {
    try {
      await http.request('webhook', config);
      return;
    } catch (error) {
      // Whatever the bot answers, it may take the same webhook later: no refusal of its is final.
      if (pause === undefined || signal.aborted) throw new VendorError('unavailable', (error as Error).message);
    }
    await sleep(pause);
  }
}

/** The body's type and whatever the platform signs with; nothing of the connection or of proxies on the way. */
function passedOn(headers: WebhookRequest['headers']): Record<string, string> {
  const own = Object.entries(headers).filter(
    ([name]) => name === 'content-type' || /^x-(?!forwarded-|real-ip)/.test(name),
  );
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}

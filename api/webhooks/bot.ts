import axios, { AxiosError } from 'axios';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebhookRequest } from '../../connectors/platform';
import { unavailable } from '../http/problem';

/** Pauses before the second and the third attempt; a bot that is still away then gets it from the platform again. */
const RETRY_AFTER_MS = [200, 800];

/** The time for all attempts together: platforms give up on a webhook soon after. */
const DEADLINE_MS = 10_000;

/**
 * Passes a webhook on to the bot as it came, so that the bot can check its signature. Throws a 503 where the bot
 * does not take it, whereupon the platform delivers it again.
 */
export async function forwardToBot(botUrl: string, { rawBody, headers }: WebhookRequest): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (const pause of [...RETRY_AFTER_MS, undefined]) {
    const problem = await post(botUrl, rawBody, passedOn(headers), signal);
    if (problem === undefined) return;
    if (pause === undefined || signal.aborted) throw unavailable(`The bot did not take the webhook (${problem}).`);
    await sleep(pause);
  }
}

/** What went wrong, in words; undefined where nothing did. */
async function post(url: string, body: Buffer, headers: Record<string, string>, signal: AbortSignal) {
  try {
    await axios.post(url, body, { headers, signal, maxRedirects: 0, proxy: false, responseType: 'text' });
    return undefined;
  } catch (error) {
    // The axios error carries the request's headers and body: it must not travel on as a cause.
    if (!(error instanceof AxiosError)) return String(error);
    return error.response ? `it answered ${error.response.status}` : (error.code ?? 'no answer');
  }
}

/** The body's type and whatever a platform signs with; nothing of the connection or of proxies on the way. */
function passedOn(headers: WebhookRequest['headers']): Record<string, string> {
  const own = Object.entries(headers).filter(
    ([name]) => name === 'content-type' || /^(x-(?!forwarded-|real-ip)|webhook-)/.test(name),
  );
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}

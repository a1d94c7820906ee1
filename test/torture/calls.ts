import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeLimit } from '../../domain/time-limit';

/** A call as its caller makes it in the field: tried again until it is answered for good. */
export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** An agent whose call was not answered in time would say the same again: longer than anything is paused or cut off. */
const TIMEOUT_MS = 60_000;
const PAUSE_MS = 400;

/** Resolves with the first answer that is no failure of the server; rejects with the signal's reason. */
export async function persistently(url: string, call: Call, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    const answer = await once(url, call).catch(() => undefined);
    if (answer && answer.status < 500 && answer.status !== 429) return answer;
    signal.throwIfAborted();
    await sleep(PAUSE_MS);
  }
}

export async function once(url: string, { method = 'POST', headers = {}, body }: Call): Promise<Answer> {
  const limit = startTimeLimit(TIMEOUT_MS);
  try {
    const answer = await fetch(url, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      signal: limit.signal,
    });
    return { status: answer.status, body: parsed(await answer.text()) };
  } finally {
    limit.clear();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../test/support/eventually';
import type { Arrivals } from './arrivals';
import { CONVERSATIONS, type Contender, type Webhook } from './contender';

interface Message {
  text: string;
  webhook: Webhook;
}

/**
 * Sends at a fixed rate, whatever comes of it, one conversation after the other. Answers with the milliseconds from
 * the moment each message was due to the moment the vendor had it, so that a delay of the sender's counts as well.
 */
export async function steadily(
  contender: Contender,
  arrivals: Arrivals,
  count: number,
  rate: number,
): Promise<number[]> {
  const messages = compose(contender, arrivals, count);
  const start = performance.now();
  const due = (i: number) => start + (i * 1000) / rate;
  await Promise.all(
    messages.map(async ({ webhook }, i) => {
      await sleep(due(i) - performance.now());
      await post(webhook);
    }),
  );
  const times = await arrivalTimes(arrivals, messages);
  return times.map((time, i) => time - due(i));
}

/**
 * Sends everything at once, but each conversation's messages one after the other, as vendors do. Answers with the
 * messages per second from the first webhook to the last call of the vendor.
 */
export async function atOnce(contender: Contender, arrivals: Arrivals, count: number): Promise<number> {
  const messages = compose(contender, arrivals, count);
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CONVERSATIONS }, async (_, n) => {
      for (let i = n; i < count; i += CONVERSATIONS) await post(messages[i]!.webhook);
    }),
  );
  const end = Math.max(...(await arrivalTimes(arrivals, messages)));
  return (count * 1000) / (end - start);
}

/** Made beforehand, so that signing is no part of what is measured. */
function compose(contender: Contender, arrivals: Arrivals, count: number): Message[] {
  const texts = Array.from({ length: count }, () => `Message ${randomUUID()}`);
  arrivals.expect(texts);
  return texts.map((text, i) => ({ text, webhook: contender.webhook(i % CONVERSATIONS, text) }));
}

async function post({ url, headers, body }: Webhook): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`A webhook was answered with ${answer.status}: ${said}`);
}

function arrivalTimes(arrivals: Arrivals, messages: Message[]): Promise<number[]> {
  const delivered = () => {
    const times = messages.flatMap(({ text }) => arrivals.timeOf(text) ?? []);
    return times.length === messages.length ? times : undefined;
  };
  const withinMs = 30_000 + messages.length * 50;
  return eventually('the vendor has every message', delivered, { withinMs, everyMs: 20 });
}

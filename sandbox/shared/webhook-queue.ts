import { setTimeout as wait } from 'node:timers/promises';
import { startTimeLimit } from '../../domain/time-limit';
import type { Faults } from './faults';
import type { Journal } from './journal';
import { createStop } from './stop';

/** A webhook to be sent. */
export interface OutgoingWebhook {
  /** What the journal records about it, in addition to the result. */
  about: Record<string, unknown>;
  /** Posts it once and resolves with the HTTP status. Throws if there is no response. */
  post(signal: AbortSignal): Promise<number>;
}

/** About a minute in total: long enough for a process to start again. */
export const RETRY_SCHEDULE_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

const POST_TIMEOUT_MS = 10_000;

interface Options {
  faults: Faults;
  journal: Journal;
  /** The conversation or case whose webhooks these are. */
  about: string;
  /** The pauses between attempts. After the last attempt a webhook is undeliverable. */
  retryScheduleMs?: number[];
}

/** A simulator's webhooks. Each is sent when the one before it is delivered or undeliverable, except for faults. */
export class WebhookQueue {
  private last = Promise.resolve();
  private stopping = createStop();
  /** The webhook that the next one is to overtake. */
  private held?: { webhook: OutgoingWebhook; timer: NodeJS.Timeout };

  constructor(private readonly options: Options) {}

  push(webhook: OutgoingWebhook): void {
    const { faults, about } = this.options;
    const { delivery, delayMs } = faults.webhookFor(about);
    if (delivery === 'never') return this.log(webhook, { outcome: 'withheld' });
    if (delivery === 'out-of-order' && !this.held) return this.hold(webhook, delayMs);
    this.enqueue(webhook, delivery === 'late' ? delayMs : 0);
    if (delivery === 'twice') this.enqueue(webhook);
    this.release();
  }

  /** Drops all webhooks that are waiting or in flight. The queue can be used again. */
  clear(): void {
    clearTimeout(this.held?.timer);
    this.held = undefined;
    this.stopping.abort();
    this.stopping = createStop();
    this.last = Promise.resolve();
  }

  private hold(webhook: OutgoingWebhook, atMostMs: number): void {
    this.held = { webhook, timer: setTimeout(() => this.release(), atMostMs) };
  }

  private release(): void {
    if (!this.held) return;
    const { webhook, timer } = this.held;
    clearTimeout(timer);
    this.held = undefined;
    this.enqueue(webhook);
  }

  private enqueue(webhook: OutgoingWebhook, delayMs = 0): void {
    const { signal } = this.stopping;
    const due = Date.now() + delayMs;
    this.last = this.last.then(async () => {
      try {
        await wait(Math.max(0, due - Date.now()), undefined, { signal });
        await this.deliver(webhook, signal);
      } catch {
        this.log(webhook, { outcome: 'dropped' });
      }
    });
  }

  /** Rejects only when `signal` stops it. */
  private async deliver(webhook: OutgoingWebhook, signal: AbortSignal): Promise<void> {
    const pauses = this.options.retryScheduleMs ?? RETRY_SCHEDULE_MS;
    for (let attempt = 0; ; attempt++) {
      const limit = startTimeLimit(POST_TIMEOUT_MS, [signal]);
      const status = await webhook.post(limit.signal).catch(() => undefined);
      limit.clear();
      signal.throwIfAborted();
      const delivered = status !== undefined && status >= 200 && status < 300;
      const pause = pauses[attempt];
      const outcome = delivered ? 'delivered' : pause === undefined ? 'undeliverable' : 'failed';
      this.log(webhook, { outcome, attempt: attempt + 1, status: status ?? null });
      if (delivered || pause === undefined) return;
      await wait(pause, undefined, { signal });
    }
  }

  private log({ about }: OutgoingWebhook, result: Record<string, unknown>): void {
    this.options.journal.append('webhook', { ...about, ...result });
  }
}

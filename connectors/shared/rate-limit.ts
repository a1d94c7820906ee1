import { z } from 'zod';
import type { CallPriority } from './call-context';

export interface RateLimit {
  /** Calls per second, on average. */
  perSecond: number;
  /** Calls that may start at once after a quiet time. */
  burst: number;
}

/** The setting `rateLimit` of a connection; its default is what the vendor publishes. */
export function rateLimitSetting(published: RateLimit) {
  return z.strictObject({ perSecond: z.number().positive(), burst: z.int().min(1) }).default(published);
}

/** What one of several processes may use of a limit that is meant for all of them together. */
export function partOf({ perSecond, burst }: RateLimit, processes: number): RateLimit {
  return { perSecond: perSecond / processes, burst: Math.max(1, Math.floor(burst / processes)) };
}

/** The longest a single refusal stops all calls of a connection. */
export const MAX_PAUSE_MS = 60_000;

/** How waiting for a call's turn ended. */
export type Admission = 'admitted' | 'timed-out' | 'aborted';

const PRIORITIES: CallPriority[] = ['relay', 'open', 'reconcile'];

/**
 * A token bucket with a queue per priority: as long as a relaying call waits, no other starts. It covers one process:
 * where several share a vendor account, each has its part of the limit ({@link partOf}).
 *
 * Not p-queue: that counts the starts within windows, so that after a burst everything waits for the window to end,
 * relaying included. A bucket admits the next call as soon as its token is there.
 */
export class RateLimiter {
  private tokens: number;
  private refilledAt = performance.now();
  private pausedUntil = 0;
  private timer?: NodeJS.Timeout;
  private readonly waiting: Record<CallPriority, Set<() => void>> = {
    relay: new Set(),
    open: new Set(),
    reconcile: new Set(),
  };

  constructor(private readonly limit: RateLimit) {
    this.tokens = limit.burst;
  }

  /** Waits for this call's turn, at most `withinMs`; at once where a pause takes longer than that anyway. */
  take(priority: CallPriority, withinMs: number, signal?: AbortSignal): Promise<Admission> {
    if (signal?.aborted) return Promise.resolve('aborted');
    if (this.pauseLeftMs() > withinMs) return Promise.resolve('timed-out');
    const queue = this.waiting[priority];
    return new Promise((resolve) => {
      const end = (how: Admission) => {
        queue.delete(admit);
        clearTimeout(deadline);
        if (!this.first()) clearTimeout(this.timer);
        signal?.removeEventListener('abort', abort);
        resolve(how);
      };
      const admit = () => end('admitted');
      const abort = () => end('aborted');
      const deadline = setTimeout(() => end('timed-out'), withinMs);
      signal?.addEventListener('abort', abort);
      queue.add(admit);
      this.serve();
    });
  }

  /** Admits nobody for a while: the vendor has had too many calls. Afterwards the bucket fills from empty. */
  pause(ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, performance.now() + Math.min(ms, MAX_PAUSE_MS));
    this.tokens = 0;
    this.refilledAt = this.pausedUntil;
  }

  pauseLeftMs(): number {
    return Math.max(0, this.pausedUntil - performance.now());
  }

  private serve(): void {
    clearTimeout(this.timer);
    this.refill();
    for (let next = this.first(); next; next = this.first()) {
      if (this.tokens < 1) {
        this.timer = setTimeout(() => this.serve(), this.untilTokenMs());
        return;
      }
      this.tokens -= 1;
      next();
    }
  }

  private first(): (() => void) | undefined {
    for (const priority of PRIORITIES) for (const admit of this.waiting[priority]) return admit;
    return undefined;
  }

  private refill(): void {
    const now = performance.now();
    if (now <= this.refilledAt) return;
    const gained = ((now - this.refilledAt) / 1000) * this.limit.perSecond;
    this.tokens = Math.min(this.limit.burst, this.tokens + gained);
    this.refilledAt = now;
  }

  private untilTokenMs(): number {
    return Math.ceil(this.pauseLeftMs() + ((1 - this.tokens) / this.limit.perSecond) * 1000);
  }
}

import PQueue from 'p-queue';
import type { CallPriority } from '../connectors/shared/call-context';
import { VendorError } from '../connectors/shared/errors';

/** So many calls of one connection may be under way at once in this process, and so many wait for their turn. */
export interface ShareLimits {
  inFlight: number;
  waiting: number;
}

export const SHARE_LIMITS: ShareLimits = { inFlight: 40, waiting: 20 };

/**
 * What finds a share full comes again one after the other, this far apart, and not all at once: each attempt costs the
 * Temporal server several writes, which all accounts share.
 */
const RETRIES_APART_MS = 200;
const FIRST_RETRY_MS = 1_000;
/** Nothing waits longer than this for its next attempt, so that it is not long after the vendor has recovered. */
const LONGEST_RETRY_MS: Record<CallPriority, number> = { relay: 60_000, open: 180_000, reconcile: 180_000 };

/** Too many calls of the connection are under way already; `retryAfterMs` is our own word and no vendor's. */
export class ShareFull extends VendorError {
  constructor(connection: string, retryAfterMs: number) {
    super('unavailable', `Too many calls of connection '${connection}' are pending; trying again later`, {
      retryAfterMs,
    });
  }
}

const ORDER: Record<CallPriority, number> = { relay: 2, open: 1, reconcile: 0 };

/**
 * Gives each connection its own share of the process, so that one vendor that hangs takes no slot from another. What
 * finds its connection's share full fails at once and is retried later, which costs no slot meanwhile.
 */
export class Shares {
  private readonly queues = new Map<string, PQueue>();
  /** When the latest that was turned away comes again, by connection and priority. */
  private readonly turns = new Map<string, number>();

  constructor(private readonly limits: ShareLimits = SHARE_LIMITS) {}

  /**
   * Runs in the share of `account` and `connection`. `signal` ends the waiting; work that has begun is waited for, since
   * it could still take effect. Throws {@link ShareFull}, which is retryable, where it is full.
   */
  async run<T>(
    { account, connection }: { account: string; connection: string },
    priority: CallPriority,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const key = `${account}/${connection}`;
    const queue = this.queueOf(key);
    // Relaying may always wait; who opens or reconciles makes room for it.
    const room = priority === 'relay' ? this.limits.waiting * 2 : this.limits.waiting;
    if (queue.size >= room) throw new ShareFull(connection, this.nextTurn(key, priority));
    const waiting = whileWaiting(signal);
    const begin = () => {
      waiting.end();
      return work();
    };
    return queue.add(begin, { priority: ORDER[priority], signal: waiting.signal }).finally(waiting.end);
  }

  /** The most slots that this many connections can hold at once. */
  slots(connections: number): number {
    return connections * (this.limits.inFlight + this.limits.waiting * 2);
  }

  /** Milliseconds until the next attempt of what is turned away now. */
  private nextTurn(key: string, priority: CallPriority): number {
    const now = Date.now();
    const longest = LONGEST_RETRY_MS[priority];
    const own = `${key} ${priority}`;
    const turn = Math.max(now + FIRST_RETRY_MS, (this.turns.get(own) ?? 0) + RETRIES_APART_MS);
    // Beyond the longest they share the time evenly, by chance.
    if (turn > now + longest) return longest * (0.5 + Math.random() / 2);
    this.turns.set(own, turn);
    return turn - now;
  }

  private queueOf(key: string): PQueue {
    const known = this.queues.get(key);
    if (known) return known;
    const queue = new PQueue({ concurrency: this.limits.inFlight });
    this.queues.set(key, queue);
    return queue;
  }
}

/** A signal that aborts with another one until it is ended. */
function whileWaiting(signal: AbortSignal): { signal: AbortSignal; end: () => void } {
  const waiting = new AbortController();
  const abort = () => waiting.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return { signal: waiting.signal, end: () => signal.removeEventListener('abort', abort) };
}

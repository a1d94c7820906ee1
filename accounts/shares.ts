import PQueue from 'p-queue';
import type { CallPriority } from '../connectors/shared/call-context';
import { VendorError } from '../connectors/shared/errors';

/** So many calls of one connection may be under way at once in this process, and so many wait for their turn. */
export interface ShareLimits {
  inFlight: number;
  waiting: number;
}

export const SHARE_LIMITS: ShareLimits = { inFlight: 40, waiting: 20 };

const ORDER: Record<CallPriority, number> = { relay: 2, open: 1, reconcile: 0 };

/**
 * Gives each connection its own share of the process, so that one vendor that hangs takes no slot from another. What
 * finds its connection's share full fails at once and is retried with backoff, which costs no slot meanwhile.
 */
export class Shares {
  private readonly queues = new Map<string, PQueue>();

  constructor(private readonly limits: ShareLimits = SHARE_LIMITS) {}

  /** Runs in the share of `account` and `connection`. Throws a retryable {@link VendorError} where it is full. */
  async run<T>(
    { account, connection }: { account: string; connection: string },
    priority: CallPriority,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const queue = this.queueOf(`${account}/${connection}`);
    // Relaying may always wait; who opens or reconciles makes room for it.
    const room = priority === 'relay' ? this.limits.waiting * 2 : this.limits.waiting;
    if (queue.size >= room) {
      throw new VendorError(
        'unavailable',
        `Too many calls of connection '${connection}' are pending; trying again later`,
      );
    }
    return queue.add(work, { priority: ORDER[priority], signal });
  }

  /** The most slots that this many connections can hold at once. */
  slots(connections: number): number {
    return connections * (this.limits.inFlight + this.limits.waiting * 2);
  }

  private queueOf(key: string): PQueue {
    const known = this.queues.get(key);
    if (known) return known;
    const queue = new PQueue({ concurrency: this.limits.inFlight });
    this.queues.set(key, queue);
    return queue;
  }
}

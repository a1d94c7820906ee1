import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Under which conditions vendors may be called at this moment: set once by whoever starts the work (an activity), and
 * read by every HTTP call beneath it, so that no connector has to hand it on.
 */
export interface CallContext {
  /** Aborts reads under way and keeps further calls from starting; a write under way is waited for. */
  signal: AbortSignal;
  /** Who goes first where a connection's rate limit is reached: relaying before opening before reconciling. */
  priority: CallPriority;
  /** Throws where no further call may be started, for example because another worker has taken over. */
  check(): void;
}

export type CallPriority = 'relay' | 'open' | 'reconcile';

const storage = new AsyncLocalStorage<CallContext | undefined>();

export function withCallContext<T>(context: CallContext, run: () => Promise<T>): Promise<T> {
  return storage.run(context, run);
}

/** For work that several callers share: none of their contexts holds in it. */
export function withoutCallContext<T>(run: () => Promise<T>): Promise<T> {
  return storage.run(undefined, run);
}

export function currentCallContext(): CallContext | undefined {
  return storage.getStore();
}

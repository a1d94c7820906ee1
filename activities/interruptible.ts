import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';

/** A query waits for a worker, and there may be none for a while. */
const DEADLINE_MS = 10_000;

/** A call of Temporal from an activity: it ends with the activity, and in any case soon. */
export function interruptible<T>(client: Client, call: () => Promise<T>): Promise<T> {
  const { cancellationSignal } = Context.current();
  return client.withAbortSignal(cancellationSignal, () => client.withDeadline(Date.now() + DEADLINE_MS, call));
}

import { continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { WatchActivities } from '../activities';
import { SIGNALS, watchTaskQueue, type WatchInput } from '../domain/contract';

const wake = defineSignal(SIGNALS.wake);

/**
 * Watches one connection for as long as handoffs are open on its account: it finds what no webhook brings. A handoff
 * that starts says so by `wake`; a wake that comes while the watch is about to end keeps it going.
 */
export async function watch(input: WatchInput): Promise<void> {
  const { watchConnection } = proxyActivities<WatchActivities>({
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '15m',
    heartbeatTimeout: '30s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  });
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  let { cursor } = input;
  while (!workflowInfo().continueAsNewSuggested) {
    woken = false;
    const shift = await watchConnection({ ...input, cursor });
    cursor = shift.cursor;
    if (shift.idle && !woken) return;
  }
  await continueAsNew<typeof watch>({ ...input, cursor });
}

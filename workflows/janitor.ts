import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { WatchActivities } from '../activities';
import type { SweepReport } from '../activities/watch/janitor-reads';
import { watchTaskQueue } from '../domain/contract';

/** One sweep of an account, started by a schedule. What it cannot do now, the next one does. */
export async function janitor(input: { account: string }): Promise<SweepReport> {
  const { sweep } = proxyActivities<WatchActivities>({
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '10m',
    heartbeatTimeout: '60s',
    retry: { maximumAttempts: 3 },
  });
  return sweep(input);
}

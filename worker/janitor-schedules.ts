import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { Settings } from '../settings/schema';
import { WORKFLOWS } from '../domain/contract';

/** One schedule per account has the janitor sweep it. One that is there already gets the settings of now. */
export async function ensureJanitors(client: Client, { accounts, temporal }: Settings): Promise<void> {
  for (const [account, { janitor }] of Object.entries(accounts)) {
    const scheduleId = `janitor:${account}`;
    const schedule = {
      spec: { intervals: [{ every: janitor.every }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' as const },
      action: {
        type: 'startWorkflow' as const,
        workflowType: WORKFLOWS.janitor,
        workflowId: scheduleId,
        taskQueue: temporal.taskQueue,
        args: [{ account }],
      },
    };
    try {
      await client.schedule.create({ scheduleId, ...schedule });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(scheduleId).update((previous) => ({ ...previous, ...schedule }));
    }
  }
}

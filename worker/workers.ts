import { Client } from '@temporalio/client';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createHandoffActivities, createWatchActivities } from '../activities';
import type { ActivityDeps } from '../activities/deps';
import type { Accounts } from '../accounts/connect';
import { mediaKey, mediaUrl } from '../accounts/file-links';
import type { Settings } from '../settings/schema';
import { watchTaskQueue } from '../domain/contract';

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  settings: Settings;
  accounts: Accounts;
  code: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;
}

/** Most calls have ended by then; one that is cut off is tried again by the next worker, which looks first. */
const SHUTDOWN_GRACE_MS = 20_000;
/** A watch is one activity for as long as it lasts: as many as there are connections, with room to spare. */
const MAX_WATCHES = 500;

/** The two workers of the process: handoffs with what they send, and the watchers' polls. */
export async function createWorkers({
  connection,
  namespace,
  settings,
  accounts,
  code,
}: WorkersOptions): Promise<Worker[]> {
  const deps: ActivityDeps = {
    accounts,
    client: new Client({ connection, namespace }),
    fileUrl: fileLinks(settings),
  };
  const { taskQueue } = settings.temporal;
  const common = { connection, namespace };
  return Promise.all([
    Worker.create({
      ...common,
      ...code,
      taskQueue,
      activities: createHandoffActivities(deps),
      shutdownGraceTime: SHUTDOWN_GRACE_MS,
    }),
    // No grace: a watch would use it up to the end, and reads on elsewhere from where it stood.
    Worker.create({
      ...common,
      taskQueue: watchTaskQueue(taskQueue),
      activities: createWatchActivities(deps),
      maxConcurrentActivityTaskExecutions: MAX_WATCHES,
    }),
  ]);
}

function fileLinks({ api, accounts }: Settings): ActivityDeps['fileUrl'] {
  return async ({ account, ...file }) => {
    const own = accounts[account];
    return api.publicUrl && own ? mediaUrl(api.publicUrl, mediaKey(own), { account, ...file }) : undefined;
  };
}

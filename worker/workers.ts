import { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Accounts } from '../accounts/connect';
import { fileLinks } from '../accounts/file-links';
import { Shares } from '../accounts/shares';
import { createHandoffActivities, createWatchActivities } from '../activities';
import type { ActivityDeps } from '../activities/deps';
import { watchTaskQueue } from '../domain/contract';
import type { Settings } from '../settings/schema';
import { versioning } from './version';

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  settings: Settings;
  accounts: Accounts;
  code: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;
  /** Without one, the workers take all tasks. */
  version?: WorkerDeploymentVersion;
}

/** Most calls have ended by then; one that is cut off is tried again by the next worker, which reads back first. */
const SHUTDOWN_GRACE_MS = 20_000;
/** A watch is one activity for as long as it lasts: as many as there are connections, with room to spare. */
const MAX_WATCHES = 500;
/** A cancelled call learns of it by its heartbeat, so these must not be held back for long. */
const HEARTBEAT_THROTTLE_MS = 3_000;

/** A workflow task of a worker that was killed goes to another one after this time: half of what Temporal would wait. */
const STICKY_TIMEOUT_MS = 5_000;

/** The two workers of the process: handoffs with what they send, and the watches with the janitor. */
export async function createWorkers({
  connection,
  namespace,
  settings,
  accounts,
  code,
  version,
}: WorkersOptions): Promise<Worker[]> {
  const shares = new Shares();
  const deps: ActivityDeps = {
    accounts,
    client: new Client({ connection, namespace }),
    shares,
    limits: settings.limits,
    fileUrl: fileLinks(settings),
  };
  const { taskQueue } = settings.temporal;
  const common = {
    connection,
    namespace,
    ...versioning(version),
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
  };
  return Promise.all([
    Worker.create({
      ...common,
      ...code,
      taskQueue,
      activities: createHandoffActivities(deps),
      // Every connection may fill its own share, and still none waits for another's.
      maxConcurrentActivityTaskExecutions: shares.slots(connectionsIn(accounts)),
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

function connectionsIn(accounts: Accounts): number {
  return [...accounts.values()].reduce((sum, { contactCenters }) => sum + 1 + Object.keys(contactCenters).length, 0);
}

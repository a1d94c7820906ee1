import { activityInfo } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { SIGNALS, WORKFLOWS, type WatchInput } from '../../domain/contract';
import { PLATFORM, watchId } from '../../domain/ids';
import { accountOf, contactCenterOf, type ActivityDeps } from '../deps';

/** Sees to it that a connection is watched: wakes its watcher, or starts one that reads on from this very moment. */
export async function ensureWatched(deps: ActivityDeps, account: string, connection: string): Promise<void> {
  if (!isWatchable(deps, account, connection)) return;
  const workflowId = watchId(account, connection);
  try {
    await deps.client.workflow.getHandle(workflowId).signal(SIGNALS.wake);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const input: WatchInput = { account, connection, cursor: await startCursor(deps, account, connection) };
    await deps.client.workflow.signalWithStart(WORKFLOWS.watch, {
      workflowId,
      taskQueue: activityInfo().taskQueue,
      args: [input],
      signal: SIGNALS.wake,
      staticSummary: `Watches ${connection} of account ${account}`,
    });
  }
}

/** A platform whose conversations cannot be read and a contact center that cannot be asked have nothing to watch. */
function isWatchable(deps: ActivityDeps, account: string, connection: string): boolean {
  if (connection === PLATFORM) return accountOf(deps, account).platform.capabilities.history;
  return contactCenterOf(deps, account, connection).poll !== undefined;
}

async function startCursor(deps: ActivityDeps, account: string, connection: string): Promise<string | null> {
  if (connection === PLATFORM) return null;
  return (await contactCenterOf(deps, account, connection).startCursor?.()) ?? null;
}

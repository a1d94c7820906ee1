import { activityInfo } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { SIGNALS, WORKFLOWS, type RegisteredHandoff, type WatchInput } from '../../domain/contract';
import { PLATFORM, watchId } from '../../domain/ids';
import { accountOf, contactCenterOf, type ActivityDeps } from '../deps';

/**
 * Sees to it that a connection is watched for this handoff: registers it with the watch that runs, or starts one that
 * reads on from where the last one stopped.
 */
export async function ensureWatched(
  deps: Pick<ActivityDeps, 'accounts' | 'client'>,
  account: string,
  connection: string,
  handoffId: string,
): Promise<void> {
  if (!isWatchable(deps, account, connection)) return;
  const workflowId = watchId(account, connection);
  const entries: RegisteredHandoff[] = [{ handoffId, activeAt: Date.now() }];
  try {
    await deps.client.workflow.getHandle(workflowId).signal(SIGNALS.register, entries);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const cursor = (await lastCursor(deps.client, workflowId)) ?? (await startCursor(deps, account, connection));
    const input: WatchInput = { account, connection, cursor, handoffs: [] };
    await deps.client.workflow.signalWithStart(WORKFLOWS.watch, {
      workflowId,
      taskQueue: activityInfo().taskQueue.replace(/-watch$/, ''),
      args: [input],
      signal: SIGNALS.register,
      signalArgs: [entries],
      memo: { cursor },
      staticSummary: `Watches ${connection} of account ${account}`,
    });
  }
}

/** A platform whose conversations cannot be read and a contact center that cannot be polled have nothing to watch. */
export function isWatchable(deps: Pick<ActivityDeps, 'accounts'>, account: string, connection: string): boolean {
  if (connection === PLATFORM) return accountOf(deps, account).platform.history !== undefined;
  return contactCenterOf(deps, account, connection).poll !== undefined;
}

/** Where the last watch of this connection stood, however it ended: nothing after that may be skipped. */
async function lastCursor(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    const { memo } = await client.workflow.getHandle(workflowId).describe();
    return typeof memo?.cursor === 'string' ? memo.cursor : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function startCursor(
  deps: Pick<ActivityDeps, 'accounts'>,
  account: string,
  connection: string,
): Promise<string | null> {
  if (connection === PLATFORM) return new Date().toISOString();
  return (await contactCenterOf(deps, account, connection).poll?.start()) ?? null;
}

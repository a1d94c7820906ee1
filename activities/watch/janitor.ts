import { heartbeat, log } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client, type WorkflowExecutionStatusName } from '@temporalio/client';
import { VendorError } from '../../connectors/shared/errors';
import { QUERIES, SIGNALS, WORKFLOWS, type WatchRegister } from '../../domain/contract';
import { handoffId, handoffIdIn, parseHandoffId, PLATFORM, watchId } from '../../domain/ids';
import { ATTRIBUTE } from '../../domain/search-attributes';
import { accountOf, type ActivityDeps } from '../deps';
import { ensureWatched, isWatchable } from './ensure-watched';

/** What one sweep of an account found. */
export interface SweepReport {
  running: number;
  /** Handoffs that their watch did not know: its register had been lost. */
  registered: number;
  closedConversations: number;
  closedCases: number;
  /** Left open, for people to look at. */
  alerts: number;
}

interface Running {
  handoffId: string;
  contactCenter?: string;
}

/** At most so many are asked of each vendor in one sweep. */
const LIMIT = 500;

export function janitorActivities(deps: ActivityDeps) {
  return {
    /**
     * Finds what no running handoff looks after any more: handoffs that their watch does not know, conversations that
     * nobody will give back to the bot, and cases that nobody will close.
     */
    async sweep({ account }: { account: string }): Promise<SweepReport> {
      const report = { running: 0, registered: 0, closedConversations: 0, closedCases: 0, alerts: 0 };
      const running = await listRunning(deps.client, account);
      report.running = running.length;
      await registerMissing(deps, account, running, report);
      const known = new Set(running.map((one) => one.handoffId));
      await sweepBroken(deps, account, known, report);
      await sweepRegister(deps, account, known);
      await sweepConversations(deps, account, known, report);
      await sweepCases(deps, account, known, report);
      return report;
    },
  };
}

/** By visibility, which lags a little: good enough to find what was missed for minutes. */
function listHandoffs(client: Client, account: string, condition: string) {
  const query = `WorkflowType = '${WORKFLOWS.handoff}' AND ${ATTRIBUTE.account} = '${account}' AND ${condition}`;
  return client.workflow.list({ query, pageSize: 500 });
}

async function listRunning(client: Client, account: string): Promise<Running[]> {
  const running: Running[] = [];
  for await (const one of listHandoffs(client, account, "ExecutionStatus = 'Running'")) {
    const { workflowId, typedSearchAttributes } = one;
    const contactCenter = typedSearchAttributes.getAll().find(({ key }) => key.name === ATTRIBUTE.contactCenter)?.value;
    running.push({ handoffId: workflowId, ...(typeof contactCenter === 'string' && { contactCenter }) });
    heartbeat();
  }
  return running;
}

async function registerOf(client: Client, account: string, connection: string): Promise<string[]> {
  try {
    const handle = client.workflow.getHandle(watchId(account, connection));
    if ((await handle.describe()).status.name !== 'RUNNING') return [];
    const register = await handle.query<WatchRegister | null, [number]>(QUERIES.register, -1);
    return (register?.handoffs ?? []).map((one) => one.handoffId);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

/** A watch that was terminated, or restored from a backup, is started again and learns what is open. */
async function registerMissing(deps: ActivityDeps, account: string, running: Running[], report: SweepReport) {
  const { contactCenters } = accountOf(deps, account);
  for (const connection of [PLATFORM, ...Object.keys(contactCenters)]) {
    if (!isWatchable(deps, account, connection)) continue;
    const own = running.filter(({ contactCenter }) => contactCenter && [PLATFORM, contactCenter].includes(connection));
    if (own.length === 0) continue;
    const registered = new Set(await registerOf(deps.client, account, connection));
    for (const one of own.filter((each) => !registered.has(each.handoffId))) {
      await ensureWatched(deps, account, connection, one.handoffId);
      report.registered++;
      heartbeat();
    }
  }
}

/** What Temporal itself knows of a handoff; undefined where it has no record of it. */
async function statusOf(client: Client, id: string): Promise<WorkflowExecutionStatusName | undefined> {
  try {
    return (await client.workflow.getHandle(id).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Ended by Temporal and not by itself: nobody has closed anything. */
function isBroken(status: WorkflowExecutionStatusName | undefined): boolean {
  return status === 'TERMINATED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'CANCELLED';
}

/** For so long a handoff that Temporal has ended is looked at again: the janitor itself may have been down. */
const BROKEN_FOR_MS = 3 * 24 * 60 * 60_000;

/** Handoffs that Temporal has ended: some had neither marked their conversation nor opened a case, or the platform lists none. */
async function sweepBroken(deps: ActivityDeps, account: string, known: Set<string>, report: SweepReport) {
  const since = new Date(Date.now() - BROKEN_FOR_MS).toISOString();
  const condition = `ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut') AND CloseTime > '${since}'`;
  const broken = new Set<string>();
  for await (const { workflowId } of listHandoffs(deps.client, account, condition)) {
    if (!known.has(workflowId)) broken.add(workflowId);
    if (broken.size === LIMIT) break;
  }
  for (const id of broken) {
    heartbeat();
    const ref = parseHandoffId(id);
    // The conversation may have been handed off again since.
    if (!ref || !isBroken(await statusOf(deps.client, id))) continue;
    await isolated({ account, handoffId: id }, () => closeConversation(deps, account, ref.conversationId, report));
  }
}

/** Registered handoffs that do not run any more, and never said goodbye to their watch. */
async function sweepRegister(deps: ActivityDeps, account: string, known: Set<string>) {
  for (const connection of [PLATFORM, ...Object.keys(accountOf(deps, account).contactCenters)]) {
    for (const id of await registerOf(deps.client, account, connection)) {
      heartbeat();
      if (known.has(id)) continue;
      if ((await statusOf(deps.client, id)) === 'RUNNING') continue;
      await deps.client.workflow.getHandle(watchId(account, connection)).signal(SIGNALS.unregister, [id]);
    }
  }
}

async function sweepConversations(deps: ActivityDeps, account: string, known: Set<string>, report: SweepReport) {
  const { platform, settings } = accountOf(deps, account);
  await isolated({ account, connection: PLATFORM }, async () => {
    for (const { conversationId } of (await platform.openConversations?.list(LIMIT)) ?? []) {
      const id = handoffId({ account, conversationId });
      heartbeat();
      if (known.has(id)) continue;
      const status = await statusOf(deps.client, id);
      if (status === 'RUNNING') continue;
      const isOurs = status !== undefined || settings.janitor.unknown === 'close';
      await isolated({ account, handoffId: id }, () =>
        isOurs
          ? closeConversation(deps, account, conversationId, report)
          : alert(
              'an open conversation has our tag, but Temporal knows no handoff for it',
              { account, handoffId: id },
              report,
            ),
      );
    }
  });
}

async function closeConversation(deps: ActivityDeps, account: string, conversationId: string, report: SweepReport) {
  const { platform } = accountOf(deps, account);
  const id = handoffId({ account, conversationId });
  if (await platform.isClosed(conversationId)) return;
  // The bot may have called again in the meantime.
  if ((await statusOf(deps.client, id)) === 'RUNNING') return;
  await platform.close(conversationId);
  report.closedConversations++;
  log.warn('closed a conversation whose handoff no longer runs', { account, handoffId: id });
}

async function sweepCases(deps: ActivityDeps, account: string, known: Set<string>, report: SweepReport) {
  const { contactCenters, settings } = accountOf(deps, account);
  for (const [connection, contactCenter] of Object.entries(contactCenters)) {
    await isolated({ account, connection }, async () => {
      for (const { key, ref } of (await contactCenter.openCases?.list(LIMIT)) ?? []) {
        const id = handoffIdIn(account, key);
        heartbeat();
        if (!id || known.has(id)) continue;
        const status = await statusOf(deps.client, id);
        // One that ended by itself has closed its case: an agent has opened it again.
        if (status === 'RUNNING' || status === 'COMPLETED') continue;
        const about = { account, connection, handoffId: id, case: ref.id };
        if (status === undefined && settings.janitor.unknown === 'alert') {
          alert('an open case has our key, but Temporal knows no handoff for it', about, report);
          continue;
        }
        await isolated(about, async () => {
          await contactCenter.note(
            ref,
            `${key}/ended`,
            'The handoff ended unexpectedly: what is written here reaches nobody.',
          );
          await contactCenter.close(ref, 'conversation-ended');
          report.closedCases++;
          log.warn('closed a case whose handoff no longer runs', about);
        });
      }
    });
  }
}

function alert(message: string, about: Record<string, string>, report: SweepReport): void {
  report.alerts++;
  log.error(message, about);
}

/** One vendor, or one item, that fails does not keep the others from being swept. */
async function isolated(about: Record<string, string>, work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    log.warn('the janitor could not check this', { ...about, kind: error.kind, reason: error.message });
  }
}

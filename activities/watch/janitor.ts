import { heartbeat, log } from '@temporalio/activity';
import { SIGNALS } from '../../domain/contract';
import { handoffId, parseHandoffId, PLATFORM, watchId } from '../../domain/ids';
import { accountOf, type ActivityDeps } from '../deps';
import { ensureWatched, isWatchable } from './ensure-watched';
import { sweepCases } from './janitor-cases';
import {
  alert,
  brokenHandoffs,
  isBroken,
  isolated,
  LIMIT,
  listRunning,
  registerOf,
  statusOf,
  type Running,
  type SweepReport,
} from './janitor-reads';

export function janitorActivities(deps: ActivityDeps) {
  return {
    /**
     * Finds what no running handoff looks after any more: handoffs that their watch does not know, conversations that
     * nobody will give back to the bot, and cases that nobody will close.
     */
    async sweep({ account }: { account: string }): Promise<SweepReport> {
      const report = { running: 0, registered: 0, closedConversations: 0, closedCases: 0, alerts: 0 };
      const running = await listRunning(deps.client, account);
      report.running = running.size;
      await registerMissing(deps, account, running, report);
      await sweepBroken(deps, account, running, report);
      await sweepRegister(deps, account, running);
      await sweepConversations(deps, account, running, report);
      await sweepCases(deps, account, running, report);
      return report;
    },
  };
}

/** A watch that was terminated, or restored from a backup, is started again and learns what is open. */
async function registerMissing(deps: ActivityDeps, account: string, running: Running, report: SweepReport) {
  const { contactCenters } = accountOf(deps, account);
  for (const connection of [PLATFORM, ...Object.keys(contactCenters)]) {
    if (!isWatchable(deps, account, connection)) continue;
    const own = [...running.values()].filter(
      ({ contactCenter }) => contactCenter && [PLATFORM, contactCenter].includes(connection),
    );
    if (own.length === 0) continue;
    await isolated({ account, connection }, async () => {
      const registered = new Set(await registerOf(deps.client, account, connection));
      for (const one of own.filter((each) => !registered.has(each.handoffId))) {
        await ensureWatched(deps, account, connection, one.handoffId);
        report.registered++;
        heartbeat();
      }
    });
  }
}

/** For so long a handoff that Temporal has ended is looked at again: the janitor itself may have been down. */
const BROKEN_FOR_MS = 3 * 24 * 60 * 60_000;

/** Handoffs that Temporal has ended: some had neither marked their conversation nor opened a case, or the platform lists none. */
async function sweepBroken(deps: ActivityDeps, account: string, running: Running, report: SweepReport) {
  const since = new Date(Date.now() - BROKEN_FOR_MS).toISOString();
  const broken = new Set<string>();
  for await (const { workflowId } of brokenHandoffs(deps.client, account, `CloseTime > '${since}'`)) {
    if (!running.has(workflowId)) broken.add(workflowId);
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
async function sweepRegister(deps: ActivityDeps, account: string, running: Running) {
  for (const connection of [PLATFORM, ...Object.keys(accountOf(deps, account).contactCenters)]) {
    await isolated({ account, connection }, async () => {
      for (const id of await registerOf(deps.client, account, connection)) {
        heartbeat();
        if (running.has(id)) continue;
        if ((await statusOf(deps.client, id)) === 'RUNNING') continue;
        await deps.client.workflow.getHandle(watchId(account, connection)).signal(SIGNALS.unregister, [id]);
      }
    });
  }
}

async function sweepConversations(deps: ActivityDeps, account: string, running: Running, report: SweepReport) {
  const { platform, settings } = accountOf(deps, account);
  await isolated({ account, connection: PLATFORM }, async () => {
    for (const { conversationId } of (await platform.openConversations?.list(LIMIT)) ?? []) {
      const id = handoffId({ account, conversationId });
      heartbeat();
      if (running.has(id)) continue;
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

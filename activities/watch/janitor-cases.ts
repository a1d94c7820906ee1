import { heartbeat, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { ContactCenter } from '../../connectors/contact-center';
import { QUERIES } from '../../domain/contract';
import { handoffIdIn } from '../../domain/ids';
import { quoted } from '../../domain/search-attributes';
import { accountOf, type ActivityDeps } from '../deps';
import {
  alert,
  brokenHandoffs,
  isolated,
  LIMIT,
  listed,
  statusOf,
  type ListedHandoff,
  type Running,
  type SweepReport,
} from './janitor-reads';

type OpenCase = Awaited<ReturnType<NonNullable<ContactCenter['openCases']>['list']>>[number];

/** Closes the cases of handoffs that Temporal has ended: nobody else will. */
export async function sweepCases(deps: ActivityDeps, account: string, running: Running, report: SweepReport) {
  const { contactCenters, settings } = accountOf(deps, account);
  for (const [connection, contactCenter] of Object.entries(contactCenters)) {
    await isolated({ account, connection }, async () => {
      for (const open of (await contactCenter.openCases?.list(LIMIT)) ?? []) {
        heartbeat();
        const id = handoffIdIn(account, open.key);
        if (!id) continue;
        const about = { account, connection, handoffId: id, case: open.ref.id };
        await isolated(about, async () => {
          const owner = await ownerOf(deps.client, account, id, open, running.get(id));
          if (owner === 'alive') return;
          if (owner === 'unknown' && settings.janitor.unknown === 'alert') {
            alert('an open case has our key, but Temporal knows no handoff for it', about, report);
            return;
          }
          await closeCase(contactCenter, open);
          report.closedCases++;
          log.warn('closed a case whose handoff no longer runs', about);
        });
      }
    });
  }
}

async function closeCase(contactCenter: ContactCenter, { key, ref }: OpenCase): Promise<void> {
  await contactCenter.note(ref, `${key}/ended`, 'The handoff ended unexpectedly: what is written here reaches nobody.');
  await contactCenter.close(ref, 'conversation-ended');
}

/** `alive`: its handoff closes it, or has closed it, and an agent has opened it again. */
async function ownerOf(
  client: Client,
  account: string,
  id: string,
  open: OpenCase,
  running: ListedHandoff | undefined,
): Promise<'alive' | 'broken' | 'unknown'> {
  if (running?.caseId === open.ref.id) return 'alive';
  const status = running ? 'RUNNING' : await statusOf(client, id);
  if (status === undefined) return 'unknown';
  if (status === 'COMPLETED') return 'alive';
  if (status !== 'RUNNING') return 'broken';
  return (await isLeftBehind(client, account, id, open)) ? 'broken' : 'alive';
}

/** Where a conversation outlives its handoffs, the one that runs may not be the one that opened this case. */
async function isLeftBehind(client: Client, account: string, id: string, { key, ref }: OpenCase): Promise<boolean> {
  for await (const one of brokenHandoffs(client, account, `WorkflowId = ${quoted(id)}`)) {
    const { caseId } = listed(one);
    // One that was ended while its case was being opened has not learned the case's id.
    if (caseId !== undefined && caseId !== ref.id) continue;
    return !(await client.workflow.getHandle(id).query<boolean, [string]>(QUERIES.ownsCase, key));
  }
  return false;
}

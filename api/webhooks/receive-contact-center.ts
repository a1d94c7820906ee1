import type { Account } from '../../accounts/connect';
import { noteLateEvents } from '../../accounts/late-events';
import type { ContactCenterWebhook } from '../../connectors/contact-center';
import { VendorError } from '../../connectors/shared/errors';
import { eventKey, type OwnedCaseEvent } from '../../domain/events';
import { handoffIdIn } from '../../domain/ids';
import type { AppContext } from '../context';
import { deliverGrouped, type HandoffEvents, type Report } from './deliver';

/**
 * Takes a contact center's webhook into the handoffs its cases belong to, each event with the connection it came by.
 * Throws where the webhook is to be delivered again.
 */
export async function receiveFromContactCenter(
  context: AppContext,
  account: Account,
  connection: string,
  webhook: ContactCenterWebhook,
  report: Report,
): Promise<void> {
  const { count } = report;
  webhook.ignored.forEach((outcome) => count(outcome));
  if (webhook.pollNow) {
    await context.temporal.pollNow(account.name, connection);
    count('poll-now');
  }
  const events = webhook.events.flatMap((event) => {
    const id = handoffIdIn(account.name, event.caseKey);
    if (id) return [{ id, event: { ...event, contactCenter: connection } }];
    count('foreign');
    return [];
  });
  const missed = await deliverGrouped(context, events, report);
  for (const late of missed) await noteLate(context, account, connection, late, report);
  for (const presence of webhook.presence) {
    const id = handoffIdIn(account.name, presence.caseKey);
    if (id) context.presence.agent(account, connection, id, presence);
  }
  context.activity.note(account, [...new Set(events.map(({ id }) => id))]);
}

/**
 * Tells agents, by a note on their case, that the handoff has ended and what they write there reaches nobody. Events
 * that the handoff had seen before its end are none of that. Where this fails, the webhook is still taken.
 */
async function noteLate(
  { temporal, logger }: AppContext,
  account: Account,
  connection: string,
  { id, events }: HandoffEvents<OwnedCaseEvent>,
  { count }: Report,
): Promise<void> {
  const unseen = await temporal.unseen(id, events.map(eventKey)).catch((): string[] => []);
  const late = events.filter((event) => unseen.includes(eventKey(event)));
  if (late.length === 0) return;
  try {
    const cases = await noteLateEvents(account.contactCenters[connection]!, late);
    if (cases > 0) count('late', late.length);
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    const of = { account: account.name, connection, handoffId: id };
    logger.warn({ ...of, kind: error.kind, reason: error.message }, 'a late agent could not be notified');
  }
}

import type { Account } from '../../accounts/connect';
import { noteLateEvents } from '../../accounts/late-events';
import type { ContactCenter, ContactCenterWebhook } from '../../connectors/contact-center';
import { VendorError } from '../../connectors/shared/errors';
import { eventKey, type OwnedCaseEvent } from '../../domain/events';
import { handoffIdIn } from '../../domain/ids';
import type { AppContext } from '../context';
import { deliverGrouped, type Count, type HandoffEvents } from './deliver';

/**
 * Takes a contact center's webhook into the handoffs its cases belong to, each event with the connection it came by.
 * Answers with the handoffs' ids. Throws where the webhook is to be delivered again.
 */
export async function receiveFromContactCenter(
  context: AppContext,
  account: Account,
  connection: string,
  webhook: ContactCenterWebhook,
  count: Count,
): Promise<string[]> {
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
  const missed = await deliverGrouped(context, events, count);
  for (const late of missed) await noteLate(context, account.contactCenters[connection]!, late, count);
  for (const presence of webhook.presence) {
    const id = handoffIdIn(account.name, presence.caseKey);
    if (id) context.presence.agent(account, connection, id, presence);
  }
  const ids = [...new Set(events.map(({ id }) => id))];
  context.activity.note(account, ids);
  return ids;
}

/**
 * Tells agents, by a note on their case, that the handoff has ended and what they write there reaches nobody. Events
 * that the handoff had seen before its end are none of that. Where this fails, the webhook is still taken.
 */
async function noteLate(
  { temporal, logger }: AppContext,
  contactCenter: ContactCenter,
  { id, events }: HandoffEvents<OwnedCaseEvent>,
  count: Count,
): Promise<void> {
  const unseen = await temporal.unseen(id, events.map(eventKey)).catch((): string[] => []);
  const late = events.filter((event) => unseen.includes(eventKey(event)));
  if (late.length === 0) return;
  try {
    const cases = await noteLateEvents(contactCenter, late);
    if (cases > 0) count('late', late.length);
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    logger.warn({ handoffId: id, reason: error.message }, 'a late agent could not be notified');
  }
}

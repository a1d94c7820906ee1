import type { Account } from '../../accounts/connect';
import type { ContactCenterWebhook } from '../../connectors/contact-center';
import { handoffIdOfCaseKey, invalidConversationId, parseHandoffId } from '../../domain/ids';
import type { AppContext } from '../context';
import { deliverGrouped, type Count } from './deliver';

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
    const id = ownHandoffId(account, event.caseKey);
    if (id) return [{ id, event: { ...event, contactCenter: connection } }];
    count('foreign');
    return [];
  });
  await deliverGrouped(context, events, count);
  for (const presence of webhook.presence) {
    const id = ownHandoffId(account, presence.caseKey);
    if (id) context.presence.agent(account, connection, id, presence);
  }
  return [...new Set(events.map(({ id }) => id))];
}

/** The handoff of a case; undefined where the case belongs to another account or to none of ours. */
function ownHandoffId({ name }: Account, caseKey: string): string | undefined {
  const id = handoffIdOfCaseKey(caseKey);
  const ref = id && parseHandoffId(id);
  return ref && ref.account === name && !invalidConversationId(ref.conversationId) ? id : undefined;
}

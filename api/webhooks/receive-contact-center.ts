import type { Account } from '../../accounts/connect';
import type { WebhookRequest } from '../../connectors/platform';
import { handoffIdOfCaseKey, parseHandoffId } from '../../domain/ids';
import type { AppContext } from '../context';
import { deliverGrouped } from './deliver';

/** Takes a contact center's webhook into the handoffs its cases belong to. Throws where it is to be delivered again. */
export async function receiveFromContactCenter(
  context: AppContext,
  account: Account,
  connection: string,
  request: WebhookRequest,
): Promise<void> {
  const webhook = await account.contactCenters[connection]?.parseWebhook?.(request);
  if (!webhook) return;
  const count = (outcome: string, times = 1) =>
    context.metrics.webhookEvents.inc({ account: account.name, connection, outcome }, times);
  webhook.ignored.forEach((outcome) => count(outcome));

  const events = webhook.events.flatMap((event) => {
    const id = ownHandoffId(account, event.caseKey);
    if (id) return [{ id, event }];
    count('foreign');
    return [];
  });
  await deliverGrouped(context.temporal, events, count);
  for (const presence of webhook.presence) {
    const id = ownHandoffId(account, presence.caseKey);
    if (id) context.presence.agent(account, id, presence);
  }
}

/** The handoff of a case; undefined where the case belongs to another account or to none of ours. */
function ownHandoffId({ name }: Account, caseKey: string): string | undefined {
  const id = handoffIdOfCaseKey(caseKey);
  return id && parseHandoffId(id)?.account === name ? id : undefined;
}

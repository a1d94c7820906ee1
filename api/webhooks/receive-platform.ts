import type { Account } from '../../accounts/connect';
import type { PlatformWebhook, WebhookRequest } from '../../connectors/platform';
import { handoffId, PLATFORM } from '../../domain/ids';
import { forwardToBot } from './bot';
import type { AppContext } from '../context';
import { deliverGrouped } from './deliver';
import { startHandoff } from '../handoffs/start';

/**
 * Takes a platform's webhook: into the handoffs that run, else to the bot where it shares the webhook with us.
 * Answers with what the platform wants to read. Throws where the platform is to deliver it again.
 */
export async function receiveFromPlatform(
  context: AppContext,
  account: Account,
  request: WebhookRequest,
): Promise<string | undefined> {
  const { platform, name } = account;
  const webhook = await platform.parseWebhook(request);
  const count = (outcome: string, times = 1) =>
    context.metrics.webhookEvents.inc({ account: name, connection: PLATFORM, outcome }, times);
  webhook.ignored.forEach((outcome) => count(outcome));

  const { requestsHandoff: asked } = webhook;
  if (asked) {
    const { conversationId, ...call } = asked;
    await startHandoff(context, account, conversationId, call);
    count('requests-handoff');
  }
  const events = webhook.events.map(({ conversationId, event }) => ({ id: idIn(account, conversationId), event }));
  const delivered = await deliverGrouped(context.temporal, events, count);
  for (const { conversationId, presence } of webhook.presence) {
    context.presence.endUser(account, conversationId, presence);
  }

  const forTheBot = platform.botUrl !== undefined && !asked && webhook.replyText === undefined && delivered === 0;
  if (forTheBot && !(await agentIsInCharge(context, account, webhook))) {
    await forwardToBot(platform.botUrl, request);
    count('to-bot');
  }
  return webhook.replyText;
}

/** Whether what holds no event is about a conversation with a running handoff, where the bot has no say. */
async function agentIsInCharge({ temporal }: AppContext, account: Account, webhook: PlatformWebhook) {
  if (webhook.events.length > 0 || webhook.about === undefined) return false;
  return temporal.isRunning(idIn(account, webhook.about));
}

function idIn({ name }: Account, conversationId: string): string {
  return handoffId({ account: name, conversationId });
}

import type { Account } from '../../accounts/connect';
import type { PlatformWebhook } from '../../connectors/platform';
import type { WebhookRequest } from '../../connectors/shared/webhook-request';
import type { HandoffStatus } from '../../domain/handoff';
import { handoffId, invalidConversationId } from '../../domain/ids';
import { ATTRIBUTE } from '../../domain/search-attributes';
import type { AppContext } from '../context';
import { startHandoff } from '../handoffs/start';
import type { Temporal } from '../temporal/client';
import { deliverGrouped, type Report } from './deliver';

/**
 * Takes a platform's webhook: into the handoffs that run, and to the bot where platform and bot share one webhook and
 * no agent is in charge. Throws where the platform is to deliver it again.
 */
export async function receiveFromPlatform(
  context: AppContext,
  account: Account,
  webhook: PlatformWebhook,
  request: WebhookRequest,
  report: Report,
): Promise<void> {
  const { bot } = account.platform;
  const { count } = report;
  webhook.ignored.forEach((outcome) => count(outcome));
  await startRequested(context, account, webhook, report);

  const events = webhook.events.flatMap(({ conversationId, event }) => {
    const id = idIn(account, conversationId);
    if (id) return [{ id, event }];
    count('invalid-id');
    return [];
  });
  const missed = await deliverGrouped(context, events, report);
  for (const { conversationId, presence } of webhook.presence) {
    const id = idIn(account, conversationId);
    if (id) context.presence.endUser(account, id, presence);
  }

  const ids = [...new Set(events.map(({ id }) => id))];
  context.activity.note(account, ids);
  const mayBeAgents = events.length === 0 || missed.length < ids.length;
  const mayBeForBot = bot && !webhook.requestsHandoff && webhook.replyText === undefined;
  if (mayBeForBot && (await isForBot(context.temporal, mayBeAgents, about(account, webhook)))) {
    await bot.forward(request);
    count('to-bot');
  }
}

/** Starts the handoff that the end user asks for, once for each request however often its webhook comes. */
async function startRequested(context: AppContext, account: Account, webhook: PlatformWebhook, report: Report) {
  const { count, log } = report;
  if (!webhook.requestsHandoff) return;
  const { conversationId, requestId, ...call } = webhook.requestsHandoff;
  if (invalidConversationId(conversationId)) {
    count('invalid-id');
    return;
  }
  log({ handoffId: idIn(account, conversationId) });
  const { status } = await startHandoff(context, { account, conversationId, call, requestId });
  count(status === 'accepted' ? 'handoff-requested' : 'handoff-existing');
}

/** The states of a handoff that may have given the conversation back. A closed one runs on for a moment. */
const ENDING: readonly (HandoffStatus | undefined)[] = ['closing', 'closed'];

/**
 * Whether the bot is to have a webhook: where no handoff runs, or where the running one has closed the conversation
 * and only winds up what is left.
 */
async function isForBot(temporal: Temporal, mayBeAgents: boolean, id: string | undefined): Promise<boolean> {
  if (!mayBeAgents || id === undefined) return true;
  const execution = await temporal.describe(id);
  if (!execution?.running) return true;
  if (!ENDING.includes(execution.attribute<HandoffStatus>(ATTRIBUTE.state))) return false;
  return (await temporal.view(id))?.conversationClosed ?? true;
}

/** The handoff of the conversation that a webhook is about. */
function about(account: Account, { events, about: named }: PlatformWebhook): string | undefined {
  const conversationId = events[0]?.conversationId ?? named;
  return conversationId === undefined ? undefined : idIn(account, conversationId);
}

/** Undefined where the conversation's id is none that a handoff can have. */
function idIn({ name }: Account, conversationId: string): string | undefined {
  return invalidConversationId(conversationId) ? undefined : handoffId({ account: name, conversationId });
}

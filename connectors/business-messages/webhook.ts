import type { Customer } from '../../domain/handoff';
import { invalidConversationId } from '../../domain/ids';
import type { PlatformWebhook } from '../platform';
import { WebhookError } from '../shared/errors';
import { parseJsonBody } from '../shared/parse';
import type { WebhookRequest } from '../shared/webhook-request';
import { inboundMessages } from './inbound';
import { handshakeSchema, payloadSchema, webhookId, type Payload } from './payload';
import type { WebhookSecrets } from './settings';
import { isClientToken, isSigned } from './signature';

/**
 * Accepts what is signed, and the handshake that names the client token, which Google may not sign. Throws
 * {@link WebhookError} for anything else.
 */
export function parseWebhook(secrets: WebhookSecrets, request: WebhookRequest, now = new Date()): PlatformWebhook {
  const body = bodyOf(request, secrets);
  const handshake = handshakeSchema.safeParse(body);
  if (handshake.success) {
    const { clientToken, secret } = handshake.data;
    if (!isClientToken(clientToken, secrets)) throw unauthorized('the handshake names another client token');
    return { ...ignoring('handshake'), replyText: secret };
  }
  if (!isSigned(request, secrets)) throw unauthorized(NOT_SIGNED);
  const payload = payloadSchema.safeParse(body);
  if (!payload.success) return ignoring('unknown-type');
  if (invalidConversationId(payload.data.conversationId) !== undefined) return ignoring('invalid-id');
  return read(payload.data, now);
}

const NOT_SIGNED = 'the X-Goog-Signature header is missing or invalid';

/** A stranger does not learn what is wrong with a body. */
function bodyOf(request: WebhookRequest, secrets: WebhookSecrets): unknown {
  try {
    return parseJsonBody(request.rawBody);
  } catch (error) {
    throw isSigned(request, secrets) ? error : unauthorized(NOT_SIGNED);
  }
}

function ignoring(what: string): PlatformWebhook {
  return { events: [], presence: [], ignored: [what] };
}

function read(payload: Payload, now: Date): PlatformWebhook {
  const { conversationId } = payload;
  const messages = inboundMessages(payload, now);
  const events = messages.map((message) => ({ conversationId, event: { type: 'inbound' as const, message } }));
  const presence = presenceOf(payload).map((type) => ({ conversationId, presence: { type } }));
  const requestsHandoff = asksForAgent(payload)
    ? { conversationId, requestId: webhookId(payload), ...contextOf(payload) }
    : undefined;
  const ignored = ignoredIn(payload);
  const nothing = events.length + presence.length + ignored.length === 0 && !requestsHandoff;
  return {
    events,
    presence,
    about: conversationId,
    ignored: nothing ? ['unknown-type'] : ignored,
    ...(requestsHandoff && { requestsHandoff }),
  };
}

function presenceOf({ userStatus, receipts }: Payload): ('typing' | 'read')[] {
  const read = receipts?.receipts?.some((receipt) => receipt?.receiptType === 'READ');
  return [...(userStatus?.isTyping ? (['typing'] as const) : []), ...(read ? (['read'] as const) : [])];
}

function ignoredIn({ userStatus, receipts }: Payload): string[] {
  const others = receipts?.receipts?.filter((receipt) => receipt?.receiptType !== 'READ') ?? [];
  return [...(userStatus?.isTyping === false ? ['typing-stopped'] : []), ...others.map(() => 'receipt')];
}

/** By a tap on the suggestion to do so, or as an intent of the business's Dialogflow. */
function asksForAgent({ userStatus, dialogflowResponse }: Payload): boolean {
  const replies = dialogflowResponse?.intentResponses?.flatMap((intent) => intent?.fulfillmentMessages ?? []) ?? [];
  return userStatus?.requestedLiveAgent === true || replies.some((reply) => reply?.liveAgentHandoff !== undefined);
}

/** What the platform tells of the end user and of where the conversation began. Not every webhook carries it. */
function contextOf({ context, agent, customAgentId }: Payload): {
  customer: Customer;
  attributes: Record<string, string>;
} {
  const { userInfo, widget, resolvedLocale } = context ?? {};
  const attributes = present({
    agent,
    customAgentId,
    entryPoint: context?.entryPoint,
    locale: resolvedLocale,
    deviceLocale: userInfo?.userDeviceLocale,
    placeId: context?.placeId,
    nearPlaceId: context?.nearPlaceId,
    customContext: context?.customContext,
    widgetUrl: widget?.url,
    widgetContext: widget?.widgetContext,
  });
  return {
    customer: present({ name: userInfo?.displayName, language: resolvedLocale ?? userInfo?.userDeviceLocale }),
    attributes,
  };
}

function present(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

function unauthorized(why: string): WebhookError {
  return new WebhookError('unauthorized', `Business Messages: ${why}`);
}

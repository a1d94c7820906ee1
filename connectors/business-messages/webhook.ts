import type { Customer } from '../../domain/handoff';
import { WebhookError } from '../shared/errors';
import type { PlatformWebhook, WebhookRequest } from '../platform';
import { inboundMessages } from './inbound';
import { handshakeSchema, payloadSchema, type Payload } from './payload';
import type { WebhookSecrets } from './settings';
import { isClientToken, isSigned } from './signature';

/**
 * Believed is what is signed, and the handshake that names the client token, which Google may not sign.
 * Throws {@link WebhookError} for anything else.
 */
export function parseWebhook(secrets: WebhookSecrets, request: WebhookRequest, now = new Date()): PlatformWebhook {
  const body = parseJson(request.rawBody);
  const handshake = handshakeSchema.safeParse(body);
  if (handshake.success) {
    const { clientToken, secret } = handshake.data;
    if (!isClientToken(clientToken, secrets)) throw unauthorized('the handshake names another client token');
    return { events: [], presence: [], ignored: ['handshake'], replyText: secret };
  }
  if (!isSigned(request, secrets)) throw unauthorized('X-Goog-Signature is missing or wrong');
  if (body === undefined) throw new WebhookError('malformed', 'Business Messages: the body is not JSON');
  const payload = payloadSchema.safeParse(body);
  if (!payload.success) return { events: [], presence: [], ignored: ['unknown-type'] };
  return read(payload.data, request.rawBody, now);
}

function read(payload: Payload, rawBody: Buffer, now: Date): PlatformWebhook {
  const { conversationId } = payload;
  const messages = inboundMessages(payload, rawBody, now);
  const events = messages.map((message) => ({ conversationId, event: { type: 'inbound' as const, message } }));
  const presence = presenceOf(payload).map((type) => ({ conversationId, presence: { type } }));
  const requestsHandoff = asksForAgent(payload) ? { conversationId, ...contextOf(payload) } : undefined;
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

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function unauthorized(why: string): WebhookError {
  return new WebhookError('unauthorized', `Business Messages: ${why}`);
}

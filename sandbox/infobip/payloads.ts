import { randomUUID } from 'node:crypto';
import type { Conversation, Message, PlatformEvent } from './model';
import { formatTime, renderMessage, withoutNulls } from './render';
import { AGENTS, type Store } from './store';
import type { Subscribable } from './subscriptions';

/** What a webhook carries: the event as subscribed to, and the body with its own type. */
export interface Webhook {
  event: Subscribable;
  type: string;
  body: unknown;
}

/** The event's webhook, in the envelope of subscriptions. It holds the state of this moment. */
export function subscriptionWebhook(event: PlatformEvent, store: Store, withContent: boolean): Webhook {
  const { subscribed, type } = names(event);
  const details = event.type === 'message' ? messageDetails(event.message, withContent) : lastMessage(event);
  const payload = {
    ...head(event.conversation, store),
    timestamp: formatTime(event.at),
    ...details,
    invoker: event.invoker,
    interaction: { interactionId: randomUUID() },
    authentication: { authenticationType: 'NOT_AUTHENTICATED' },
  };
  return { event: subscribed, type, body: { type, timestamp: formatTime(event.at), payload } };
}

/** The account configuration's webhook: the bare message, of the end user's only. */
export function legacyWebhook(event: PlatformEvent): Webhook | undefined {
  if (event.type !== 'message' || event.message.direction !== 'INBOUND') return undefined;
  const { authorId, authorType, ...message } = event.message;
  return { event: 'CONVERSATION_MESSAGE_RECEIVED', type: 'message', body: renderMessage(message) };
}

/**
 * An event's two names. None of the published subscription names speaks of outbound messages, which are published as
 * a type of webhook: they are taken to come with the other messages.
 */
function names(event: PlatformEvent): { subscribed: Subscribable; type: string } {
  switch (event.type) {
    case 'message':
      return { subscribed: 'CONVERSATION_MESSAGE_RECEIVED', type: `${event.message.direction}_MESSAGE` };
    case 'created':
      return { subscribed: 'CONVERSATION_CREATED', type: 'CONVERSATION_CREATED' };
    case 'status-updated':
      return { subscribed: 'CONVERSATION_STATUS_UPDATED', type: 'CONVERSATION_STATUS_UPDATED' };
    case 'assignment-updated':
      return { subscribed: 'CONVERSATION_ASSIGNMENT_UPDATED', type: 'CONVERSATION_ASSIGNMENT_UPDATED' };
  }
}

function head(conversation: Conversation, store: Store) {
  const { id, shortId, status, queueId, priority, agentId, customer, tags, topic, summary } = conversation;
  const agent = AGENTS.find((candidate) => candidate.id === agentId);
  return {
    id,
    shortId,
    status,
    queue: queueId === null ? null : { id: queueId },
    priority,
    assignee: agent ? { id: agent.id, name: agent.displayName, role: agent.role } : null,
    customer: customer ? { id: customer.id, ...(customer.name && { name: customer.name }) } : null,
    form: null,
    tags: [...tags].map((name) => ({ id: store.tags.get(name)?.id, name })),
    ...withoutNulls({ topic, summary }),
  };
}

/** A webhook's message has no content type, no direction and no author; content and times are optional in it. */
function messageDetails(message: Message, withContent: boolean) {
  const { id, channel, from, to, direction, conversationId, createdAt, updatedAt, content } = renderMessage(message);
  const optional = withContent ? { createdAt, updatedAt, content } : {};
  return { channel, direction, message: { id, messageId: id, channel, from, to, conversationId, ...optional } };
}

function lastMessage({ conversation }: PlatformEvent) {
  const last = conversation.messages.at(-1);
  return {
    channel: last?.channel ?? conversation.customer?.channel ?? 'NO_CHANNEL',
    direction: last?.direction ?? 'INBOUND',
    lastMessage: last ? { from: last.from, to: last.to, direction: last.direction, channel: last.channel } : null,
  };
}

import { randomUUID } from 'node:crypto';
import type { AgentPresence } from '../../domain/events';
import type { Agent } from '../../domain/message';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import type { Http } from '../shared/http';
import type { OutgoingMessage, RepresentativeEvent } from '../platform';
import { createOnce } from './client';
import { bodyOf, derivedId, representativeOf } from './outgoing';
import type { BusinessMessagesSettings } from './settings';

type Looks = Pick<BusinessMessagesSettings, 'bot' | 'defaultAgentAvatar'>;

export async function send(
  http: Http,
  looks: Looks,
  { conversationId, messageId, representative, content }: OutgoingMessage,
): Promise<{ platformId: string }> {
  const platformId = derivedId(conversationId, 'message', messageId);
  const data = { messageId: platformId, ...bodyOf(content), representative: representativeOf(representative, looks) };
  await createOnce(http, 'send message', { url: `${pathOf(conversationId)}/messages`, data });
  return { platformId };
}

/** An agent comes or goes: `REPRESENTATIVE_JOINED` stands before an agent's first message, `…_LEFT` after the last. */
export function announce(
  http: Http,
  looks: Looks,
  eventType: 'REPRESENTATIVE_JOINED' | 'REPRESENTATIVE_LEFT',
  { conversationId, eventId, agent }: RepresentativeEvent,
): Promise<void> {
  return createEvent(http, looks, conversationId, {
    eventType,
    agent,
    id: derivedId(conversationId, eventType, eventId),
  });
}

export async function showPresence(
  http: Http,
  looks: Looks,
  conversationId: string,
  presence: AgentPresence,
): Promise<void> {
  if (presence.type === 'typing') {
    const { agent } = presence;
    return createEvent(http, looks, conversationId, { eventType: 'TYPING_STARTED', agent, id: randomUUID() });
  }
  await http.request('mark as read', {
    method: 'PATCH',
    url: `${pathOf(conversationId)}/messages/${encodeURIComponent(presence.messageId)}/receipt`,
    data: { receiptType: 'READ' },
  });
}

/** What may pass with time; anything else is the platform's last word on this survey. */
const WORTH_ANOTHER_TRY: VendorErrorKind[] = ['unavailable', 'unauthorized', 'ambiguous'];

/**
 * Asks the end user how it was. The platform takes one survey a day and refuses the next as `RESOURCE_EXHAUSTED`.
 * A survey that is refused must not keep a handoff open.
 */
export async function survey(http: Http, conversationId: string, today = new Date()): Promise<void> {
  const surveyId = derivedId(conversationId, 'survey', today.toISOString().slice(0, 10));
  try {
    await createOnce(http, 'survey', { url: `${pathOf(conversationId)}/surveys`, params: { surveyId }, data: {} });
  } catch (error) {
    if (!(error instanceof VendorError) || WORTH_ANOTHER_TRY.includes(error.kind)) throw error;
  }
}

function createEvent(
  http: Http,
  looks: Looks,
  conversationId: string,
  { id, eventType, agent }: { id: string; eventType: string; agent: Agent },
): Promise<void> {
  return createOnce(http, eventType, {
    url: `${pathOf(conversationId)}/events`,
    params: { eventId: id },
    data: { eventType, representative: representativeOf({ type: 'HUMAN', agent }, looks) },
  });
}

function pathOf(conversationId: string): string {
  return `/v1/conversations/${encodeURIComponent(conversationId)}`;
}

import { randomUUID } from 'node:crypto';
import type { AgentPresence } from '../../domain/events';
import type { Agent } from '../../domain/message';
import type { OutgoingMessage, RepresentativeEvent } from '../platform';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import type { Http } from '../shared/http';
import { createOnce } from './client';
import { bodiesOf, derivedId } from './outgoing';
import type { PostAs } from './representative';

/** The platform's API, as one connection uses it. */
export interface Api {
  http: Http;
  postAs: PostAs;
}

/**
 * Sends a message, in as many as the platform's limits make of it. The id of the first is its id. Each has an id of its
 * own that is the same at every attempt, so an attempt that broke off in between goes on where it was.
 */
export async function send(
  { http, postAs }: Api,
  { conversationId, messageId, representative, content }: OutgoingMessage,
): Promise<{ platformId: string }> {
  const url = `${pathOf(conversationId)}/messages`;
  const platformId = derivedId(conversationId, 'message', messageId);
  for (const [i, body] of bodiesOf(content).entries()) {
    const id = i === 0 ? platformId : derivedId(conversationId, 'message', messageId, String(i));
    await postAs(representative, (shown) =>
      createOnce(http, 'send message', { url, data: { messageId: id, ...body, representative: shown } }),
    );
  }
  return { platformId };
}

/** An agent comes or goes: `REPRESENTATIVE_JOINED` stands before an agent's first message, `…_LEFT` after the last. */
export function announce(
  api: Api,
  eventType: 'REPRESENTATIVE_JOINED' | 'REPRESENTATIVE_LEFT',
  { conversationId, eventId, agent }: RepresentativeEvent,
): Promise<void> {
  const id = derivedId(conversationId, eventType, eventId);
  return createEvent(api, conversationId, { eventType, agent, id });
}

export async function showPresence(api: Api, conversationId: string, presence: AgentPresence): Promise<void> {
  if (presence.type === 'typing') {
    const { agent } = presence;
    return createEvent(api, conversationId, { eventType: 'TYPING_STARTED', agent, id: randomUUID() });
  }
  await api.http.request('mark as read', {
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
export async function survey({ http }: Api, conversationId: string, today = new Date()): Promise<void> {
  const surveyId = derivedId(conversationId, 'survey', today.toISOString().slice(0, 10));
  try {
    await createOnce(http, 'survey', { url: `${pathOf(conversationId)}/surveys`, params: { surveyId }, data: {} });
  } catch (error) {
    if (!(error instanceof VendorError) || WORTH_ANOTHER_TRY.includes(error.kind)) throw error;
  }
}

function createEvent(
  { http, postAs }: Api,
  conversationId: string,
  { id, eventType, agent }: { id: string; eventType: string; agent: Agent },
): Promise<void> {
  return postAs({ type: 'HUMAN', agent }, (shown) =>
    createOnce(http, eventType, {
      url: `${pathOf(conversationId)}/events`,
      params: { eventId: id },
      data: { eventType, representative: shown },
    }),
  );
}

function pathOf(conversationId: string): string {
  return `/v1/conversations/${encodeURIComponent(conversationId)}`;
}

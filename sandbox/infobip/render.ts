import type { Conversation, Message, Note, Tag } from './model';

/** `2024-01-01T00:00:00.000+00:00`, as Infobip answers; it is asked with an offset that has no colon. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+00:00');
}

/** Replaces the times of an object by their written form. */
function withTimes<T extends { createdAt: number; updatedAt: number }>(entity: T) {
  return { ...entity, createdAt: formatTime(entity.createdAt), updatedAt: formatTime(entity.updatedAt) };
}

export function renderConversation(conversation: Conversation) {
  const { id, topic, summary, status, priority, queueId, agentId, createdAt, updatedAt, closedAt } = conversation;
  return {
    ...withTimes({ id, topic, summary, status, priority, queueId, agentId, createdAt, updatedAt }),
    ...(closedAt === undefined ? {} : { closedAt: formatTime(closedAt) }),
  };
}

export const renderMessage = (message: Message) => withTimes(message);
export const renderNote = (note: Note) => withTimes(note);
export const renderTag = (tag: Tag) => withTimes(tag);

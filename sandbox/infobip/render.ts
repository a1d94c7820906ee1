import type { Conversation, Message, Note, Tag } from './model';

/** `2024-01-01T00:00:00.000+00:00`, as Infobip answers; it is asked with an offset that has no colon. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+00:00');
}

/** Replaces the times of an object by their written form. */
function withTimes<T extends { createdAt: number; updatedAt: number }>(entity: T) {
  return { ...entity, createdAt: formatTime(entity.createdAt), updatedAt: formatTime(entity.updatedAt) };
}

/** The published interface knows no null for an optional text: it is left out. */
export function withoutNulls<T extends object>(entity: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(entity).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

export function renderConversation(conversation: Conversation) {
  const { id, topic, summary, status, priority, queueId, agentId, createdAt, updatedAt, closedAt } = conversation;
  return {
    ...withTimes({ id, status, priority, createdAt, updatedAt }),
    ...withoutNulls({ topic, summary, queueId, agentId }),
    ...(closedAt === undefined ? {} : { closedAt: formatTime(closedAt) }),
  };
}

export const renderMessage = (message: Message) => withTimes(message);
export const renderNote = ({ agentId, ...note }: Note) => ({ ...withTimes(note), ...withoutNulls({ agentId }) });
export const renderTag = (tag: Tag) => withTimes(tag);

import type { z } from 'zod';
import { closedConversation, invalidBody, unknownId } from './errors';
import type { Conversation } from './model';
import type { Store } from './store';

/** What the operations share. */
export interface Scope {
  store: Store;
  now: () => number;
  /** With which status an unknown id is refused: the published examples say 400, the generic answers 404. */
  unknownIdStatus: 400 | 404;
}

export function findConversation({ store, unknownIdStatus }: Scope, id: string): Conversation {
  const conversation = store.conversations.get(id);
  if (!conversation) throw unknownId(unknownIdStatus, id);
  return conversation;
}

/** The conversation, if it can still be changed. */
export function findOpenConversation(scope: Scope, id: string): Conversation {
  const conversation = findConversation(scope, id);
  if (conversation.status === 'CLOSED') throw closedConversation();
  return conversation;
}

export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidBody();
  return parsed.data;
}

export const success = (message: string) => ({ statusCode: 'SUCCESS', message });

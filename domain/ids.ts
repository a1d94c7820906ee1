/**
 * The workflow id is the mapping: whoever holds a conversation or a case can name its handoff without any table.
 * An account's name never holds a colon (the settings see to that), so the first two colons are ours and the
 * conversation's id may hold anything.
 */
export interface ConversationRef {
  account: string;
  conversationId: string;
}

export function handoffId({ account, conversationId }: ConversationRef): string {
  return `handoff:${account}:${conversationId}`;
}

export function parseHandoffId(id: string): ConversationRef | undefined {
  const match = /^handoff:([^:]+):(.+)$/su.exec(id);
  return match ? { account: match[1]!, conversationId: match[2]! } : undefined;
}

/**
 * The key every case carries in the vendor's own field. A conversation can be handed off again later under the
 * same workflow id, so the key also names the handoff's first run: an old case is never taken for the new one.
 */
export function caseKey(id: string, firstRunId: string): string {
  return `${id}#${firstRunId.replaceAll('-', '').slice(0, 12)}`;
}

export function handoffIdOfCaseKey(key: string): string | undefined {
  const match = /^(handoff:[^:]+:.+)#[0-9a-f]{12}$/su.exec(key);
  return match?.[1];
}

/** One watcher per connection: a contact center's name, or `platform`. */
export function watchId(account: string, connection: string): string {
  return `watch:${account}:${connection}`;
}

/** The connection name of an account's platform; no contact center may be called so. */
export const PLATFORM = 'platform';

/** Bytes of a conversation id that still leave room for the rest of the case key in a field of 255 bytes. */
export const MAX_CONVERSATION_ID_BYTES = 190;

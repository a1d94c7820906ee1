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
 * The key a case carries in the vendor's own field. The nonce is random, so that nobody can guess it; the number counts
 * the cases of a handoff that moves from one to the next.
 */
export function caseKey(id: string, nonce: string, number: number): string {
  return `${id}#${nonce}.${number}`;
}

export function handoffIdOfCaseKey(key: string): string | undefined {
  const match = /^(handoff:[^:]+:.+)#[0-9a-f]{12}\.\d{1,2}$/su.exec(key);
  return match?.[1];
}

/** Whether a case is one of the handoff that has this nonce, and not of another one of the same conversation. */
export function hasNonce(caseKey: string, nonce: string): boolean {
  return caseKey.slice(caseKey.lastIndexOf('#') + 1).startsWith(`${nonce}.`);
}

/** The handoff of a case; undefined where the case belongs to another account or to none of ours. */
export function handoffIdIn(account: string, caseKey: string): string | undefined {
  const id = handoffIdOfCaseKey(caseKey);
  const ref = id === undefined ? undefined : parseHandoffId(id);
  return ref?.account === account && !invalidConversationId(ref.conversationId) ? id : undefined;
}

/** A handoff moves at most so often: two digits count its cases. */
export const MAX_CASES = 99;

/** One watcher per connection: a contact center's name, or `platform`. */
export function watchId(account: string, connection: string): string {
  return `watch:${account}:${connection}`;
}

/** The connection name of an account's platform; no contact center may be called so. */
export const PLATFORM = 'platform';

/** Bytes of a conversation id that still leave room for the rest of the case key in a field of 255 bytes. */
export const MAX_CONVERSATION_ID_BYTES = 190;

/**
 * Why a conversation's id cannot be used, or undefined where it can: it becomes part of workflow ids, case keys and
 * URL paths. The one rule for calls, webhooks and lists alike.
 */
export function invalidConversationId(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id === '.' || id === '..') return 'is a path segment with a meaning of its own';
  if (!id.isWellFormed()) return 'is not well-formed Unicode';
  if (/\p{Cc}/u.test(id)) return 'contains a control character';
  if (new TextEncoder().encode(id).length > MAX_CONVERSATION_ID_BYTES) {
    return `is longer than ${MAX_CONVERSATION_ID_BYTES} bytes in UTF-8`;
  }
  return undefined;
}

import { createHash } from 'node:crypto';
import type { HandoffEvent } from './events';
import { jsonBytes } from './limits';
import type { Agent, MessageContent, ReplyAddress } from './message';

/** Limits of what enters from outside: the setting `limits`. */
export interface BorderLimits {
  /** The longest text of one message, in UTF-8 bytes; a longer one is reported to its sender as undeliverable. */
  maxTextBytes: number;
}

const MAX_ID_CHARACTERS = 200;
const MAX_REPLY_BYTES = 2_000;
const MAX_URL_CHARACTERS = 4_000;
const MAX_AVATAR_CHARACTERS = 1_000;

/** An event as it may enter a handoff: what is too long is cut where that loses nothing, or marked as omitted. */
export function boundedEvent<E extends HandoffEvent>(event: E, limits: BorderLimits): E {
  const bounded: Record<string, unknown> = { ...event };
  if ('id' in event) bounded.id = boundedId(event.id);
  if ('agent' in event) bounded.agent = boundedAgent(event.agent);
  if ('message' in event) {
    const { message } = event;
    bounded.message = {
      ...message,
      id: boundedId(message.id),
      content: boundedContent(message.content, limits),
      ...('agent' in message && { agent: boundedAgent(message.agent) }),
      ...('author' in message && { author: message.author?.slice(0, 200) }),
      ...('replyTo' in message && { replyTo: boundedReply(message.replyTo) }),
    };
  }
  return bounded as unknown as E;
}

/** An id that is too long to be kept gives way to a digest, the same each time. */
export function boundedId(id: string): string {
  if (id.length <= MAX_ID_CHARACTERS) return id;
  return `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

function boundedAgent({ id, name, avatarUrl }: Agent): Agent {
  const hasAvatar = avatarUrl !== undefined && avatarUrl.length <= MAX_AVATAR_CHARACTERS;
  return {
    ...(id !== undefined && { id: boundedId(id) }),
    name: name.slice(0, 200) || 'Agent',
    ...(hasAvatar && { avatarUrl }),
  };
}

/** An address that is too long is learned anew from the platform. */
function boundedReply(replyTo: ReplyAddress | undefined): ReplyAddress | undefined {
  return jsonBytes(replyTo) > MAX_REPLY_BYTES ? undefined : replyTo;
}

function boundedContent(content: MessageContent, { maxTextBytes }: BorderLimits): MessageContent {
  switch (content.kind) {
    case 'text':
    case 'other':
      return unlessTooLarge(content, content.text, maxTextBytes);
    case 'file': {
      const { source, name, mimeType } = content;
      const where = 'url' in source ? source.url : source.contactCenterFile;
      if (where.length > MAX_URL_CHARACTERS) return { kind: 'omitted', bytes: where.length };
      const file = { ...content, ...(name && { name: name.slice(0, 255) }), mimeType: mimeType?.slice(0, 100) };
      return unlessTooLarge(file, content.caption ?? '', maxTextBytes);
    }
    case 'location':
      return { ...content, ...(content.label && { label: content.label.slice(0, 500) }) };
    case 'omitted':
      return content;
  }
}

function unlessTooLarge(content: MessageContent, text: string, maxBytes: number): MessageContent {
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes ? { kind: 'omitted', bytes } : content;
}

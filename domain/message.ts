/** Where a file's bytes are: at a URL its side can fetch, or behind the contact center's own credentials. */
export type FileSource = { url: string } | { contactCenterFile: string };

export type MediaKind = 'image' | 'audio' | 'video' | 'document';

/** What a message says, in words both sides share. Anything without a word of its own becomes a readable line. */
export type MessageContent =
  | { kind: 'text'; text: string }
  | { kind: 'file'; media: MediaKind; source: FileSource; name?: string; mimeType?: string; caption?: string }
  | { kind: 'location'; latitude: number; longitude: number; label?: string }
  | { kind: 'other'; type: string; text: string }
  /** Too large to be carried: only its size is known, and its sender is notified. */
  | { kind: 'omitted'; bytes: number };

export interface Agent {
  /** The contact center's id of the agent; its name serves where there is none. */
  id?: string;
  name: string;
  avatarUrl?: string;
}

export function sameAgent(one: Agent, other: Agent): boolean {
  return (one.id ?? one.name) === (other.id ?? other.name);
}

/** Who speaks to the end user now. */
export type Representative = { type: 'BOT' } | { type: 'HUMAN'; agent: Agent };

/** How to answer a message: what the platform needs to address its sender. Opaque to all but its connector. */
export type ReplyAddress = Record<string, string>;

export interface InboundMessage {
  /** The platform's message id: the key by which a message that arrives twice counts once. */
  id: string;
  /** When the platform took it, ISO 8601. */
  at: string;
  /** The end user's name, where the message itself tells it. */
  author?: string;
  content: MessageContent;
  replyTo?: ReplyAddress;
}

export interface AgentMessage {
  /** The contact center's message id. */
  id: string;
  at: string;
  agent: Agent;
  content: MessageContent;
}

/** A message whose content is not kept: it can be read again where it came from. */
export type Reference<M extends { content: MessageContent }> = Omit<M, 'content'> & { content?: undefined };

export type Direction = 'inbound' | 'outbound';

/** Why a message could not be delivered for good. */
export type UndeliverableReason =
  | 'too-large'
  | 'unsupported'
  | 'rejected'
  | 'conversation-closed'
  | 'case-closed'
  | 'no-case'
  | 'timed-out'
  | 'backlog-full';

/** Where a message stands on its way. */
export type DeliveryStatus = 'accepted' | 'delivered' | 'undeliverable';

/** A message's content in one readable line or paragraph, for sides that know text alone. */
export function contentAsText(content: MessageContent): string {
  switch (content.kind) {
    case 'text':
    case 'other':
      return content.text;
    case 'file': {
      const label = `[${content.media}${content.name ? `: ${content.name}` : ''}]`;
      const where = 'url' in content.source ? content.source.url : '';
      return [label, content.caption, where].filter(Boolean).join(' ');
    }
    case 'location': {
      const place = content.label ? `${content.label} ` : '';
      return `[location: ${place}${content.latitude}, ${content.longitude}]`;
    }
    case 'omitted':
      return `[message of ${content.bytes} bytes, too large to be shown]`;
  }
}

/**
 * Cuts a text into parts of at most `limit` UTF-16 code units, at a line or word end where there is one in the
 * last fifth, and never inside a surrogate pair. Joined, the parts are the text again.
 */
export function splitText(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const cut = cutAt(rest, limit);
    parts.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...parts, rest];
}

/**
 * A content as the messages it takes on a side with this text limit: long texts in parts, a long caption after its
 * file. Anything else is one part.
 */
export function partsOf(content: MessageContent, limit: number): MessageContent[] {
  const texts = (text: string) => splitText(text, limit).map((part): MessageContent => ({ kind: 'text', text: part }));
  if (content.kind === 'text' || content.kind === 'other') return texts(content.text);
  if (content.kind === 'file' && content.caption && content.caption.length > limit) {
    const { caption, ...file } = content;
    return [file, ...texts(caption)];
  }
  return [content];
}

function cutAt(text: string, limit: number): number {
  const earliest = Math.floor(limit * 0.8);
  for (const space of ['\n', ' ']) {
    const at = text.lastIndexOf(space, limit - 1);
    if (at >= earliest) return at + 1;
  }
  const insidePair = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(limit));
  return insidePair && limit > 1 ? limit - 1 : limit;
}

/** Infobip's words and shapes, as its published interface has them; times are kept as epoch milliseconds. */
export const STATUSES = ['OPEN', 'WAITING', 'SOLVED', 'CLOSED'] as const;
export type Status = (typeof STATUSES)[number];

export const PRIORITIES = ['URGENT', 'HIGH', 'NORMAL', 'LOW'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The channels a message can be created on; as filters they are the same. */
export const CHANNELS = [
  'SMS',
  'VIBER',
  'FACEBOOK_MESSENGER',
  'WHATSAPP',
  'RCS',
  'LIVE_CHAT',
  'LINE',
  'APPLE_BUSINESS_CHAT',
  'EMAIL',
  'TELEGRAM',
  'INSTAGRAM_MESSAGING',
  'KAKAO_SANGDAM',
  'VIBER_BOT',
] as const;

export const TYPING_CHANNELS: readonly string[] = ['LIVE_CHAT', 'APPLE_BUSINESS_CHAT', 'WHATSAPP'];

/** The content types that can be sent and whose content's shape is published. */
export const CONTENT_TYPES = [
  'TEXT',
  'IMAGE',
  'VIDEO',
  'DOCUMENT',
  'AUDIO',
  'LOCATION',
  'CONTACT',
  'TEMPLATE',
  'EMAIL',
  'RCS_FILE',
  'CUSTOM_DATA',
  'LC_QUICK_REPLY',
  'BUTTON',
] as const;

export const AUTHOR_TYPES = ['CUSTOMER', 'AGENT', 'SYSTEM', 'BOT'] as const;
export type AuthorType = (typeof AUTHOR_TYPES)[number];

export type Content = Record<string, unknown>;

export interface Message {
  id: string;
  channel: string;
  from: string;
  to: string;
  direction: 'INBOUND' | 'OUTBOUND';
  conversationId: string;
  authorId?: string;
  /** Absent on what the API created with no agent named. */
  authorType?: AuthorType;
  createdAt: number;
  updatedAt: number;
  contentType: string;
  content: Content;
}

export interface Note {
  id: string;
  conversationId: string;
  agentId: string | null;
  type: 'INTERNAL' | 'ATTACHMENT';
  content: unknown;
  createdAt: number;
  updatedAt: number;
}

export interface Tag {
  id: string;
  name: string;
  createdAt: number;
  updatedAt: number;
}

export interface Agent {
  id: string;
  displayName: string;
  role: 'AGENT' | 'SUPERVISOR';
}

/** What a client may write of a conversation. */
export interface ConversationFields {
  topic: string | null;
  summary: string | null;
  status: Status;
  priority: Priority;
  queueId: string | null;
  agentId: string | null;
}

/** The end user of a conversation, and the addresses by which both sides reach each other. */
export interface Customer {
  id: string;
  /** Absent where the platform does not know it. */
  name?: string;
  channel: string;
  /** The end user's address: a message's `from` on its way in, its `to` on its way out. */
  address: string;
  /** The business's address: the widget or sender. */
  sender: string;
}

/** Whether the bot answers the end user. It is paused from To Agent on, until the conversation is closed. */
export const BOT_STATES = ['listening', 'paused'] as const;
export type BotState = (typeof BOT_STATES)[number];

export interface Conversation extends ConversationFields {
  id: string;
  shortId: string;
  createdAt: number;
  updatedAt: number;
  closedAt?: number;
  /** Undefined where the conversation was created through the API. */
  customer?: Customer;
  messages: Message[];
  tags: Set<string>;
  metadata: Record<string, string>;
  notes: Note[];
  bot: BotState;
  /** Whether the end user is shown at the moment that the other side types. */
  typing: boolean;
}

export const DEFAULT_FIELDS: ConversationFields = {
  topic: null,
  summary: null,
  status: 'OPEN',
  priority: 'NORMAL',
  queueId: null,
  agentId: null,
};

/** Who caused an event. */
export type Invoker = { type: 'AGENT'; id: string; name: string } | { type: 'SYSTEM'; id: null; name: null };
export const SYSTEM: Invoker = { type: 'SYSTEM', id: null, name: null };

/** What happens to a conversation and may be sent by webhook. */
export type PlatformEvent = { conversation: Conversation; invoker: Invoker; at: number } & (
  { type: 'message'; message: Message } | { type: 'created' | 'status-updated' | 'assignment-updated' }
);

/** Who speaks on the business's side. */
export interface Representative {
  representativeType: 'BOT' | 'HUMAN';
  displayName?: string;
  avatarImage?: string;
}

export interface Suggestion {
  reply?: { text: string; postbackData?: string };
  action?: Record<string, unknown>;
  liveAgentRequest?: Record<string, never>;
  authenticationRequest?: Record<string, unknown>;
}

/** What the business sends. One of text, image and richCard. */
export interface AgentMessage {
  messageId: string;
  representative: Representative;
  text?: string;
  image?: unknown;
  richCard?: unknown;
  suggestions?: Suggestion[];
  fallback?: string;
}

export const EVENT_TYPES = [
  'TYPING_STARTED',
  'TYPING_STOPPED',
  'REPRESENTATIVE_JOINED',
  'REPRESENTATIVE_LEFT',
] as const;

/** One moment of a conversation. What is shown of a message is its fallback where the device shows texts alone. */
export type TimelineEntry = { at: string } & (
  | { kind: 'end-user-message'; messageId: string; text: string; readAt?: string }
  | ({ kind: 'agent-message'; shown: 'content' | 'fallback' } & AgentMessage)
  | { kind: 'event'; eventId: string; eventType: (typeof EVENT_TYPES)[number]; representative: Representative }
  | { kind: 'survey'; surveyId: string }
);

/** What webhooks tell of the end user and of where the conversation began. */
export interface Context {
  entryPoint: string;
  userInfo: { displayName: string; userDeviceLocale: string };
  resolvedLocale: string;
}

export interface Conversation {
  conversationId: string;
  context: Context;
  /** The agent who has joined and not left. */
  human?: Representative;
  /** The end user's device shows texts alone. */
  textOnly: boolean;
  timeline: TimelineEntry[];
  /** Every id the business has used, by kind. */
  usedIds: Set<string>;
}

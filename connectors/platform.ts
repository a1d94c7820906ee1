import type { AgentPresence, EndUserPresence, PlatformEvent } from '../domain/events';
import type { CaseRef, Customer } from '../domain/handoff';
import type { Agent, MessageContent, ReplyAddress, Representative } from '../domain/message';
import type { RoutingFacts } from '../domain/routing';
import type { Transcript } from '../domain/transcript';
import type { FileStream } from './shared/files';
import type { WebhookRequest } from './shared/webhook-request';

/** What a platform's webhook brought. */
export interface PlatformWebhook {
  events: { conversationId: string; event: PlatformEvent }[];
  presence: { conversationId: string; presence: EndUserPresence }[];
  /** The conversation it is about, also where it holds no event: decides whether the bot or the agent is in charge. */
  about?: string;
  /** One word for each thing in it that is no event for us (`echo`, `unknown-type`, `unverified`), for the counters. */
  ignored: string[];
  /** The end user asks for an agent: a handoff is to start. `requestId` is the same when the webhook comes again. */
  requestsHandoff?: {
    conversationId: string;
    requestId: string;
    customer?: Customer;
    attributes?: Record<string, string>;
  };
  /** What the vendor expects as the answer's body, where that is not nothing. */
  replyText?: string;
}

/** What the conversation itself says about the case it is to become. */
export interface ConversationContext extends RoutingFacts {
  replyTo?: ReplyAddress;
  customer?: Customer;
}

export interface HistoryQuery {
  /** At most this many, the latest; 1,000 is the most anyone promises. All of them where it is not given. */
  limit?: number;
  /** Only messages taken at or after this time, ISO 8601. */
  since?: string;
}

/** One message to the end user. */
export interface OutgoingMessage {
  conversationId: string;
  /** Ours, the same at every attempt: platforms with caller-assigned ids derive theirs from it. */
  messageId: string;
  representative: Representative;
  content: MessageContent;
  replyTo?: ReplyAddress;
  /**
   * Set only after a failure that may have had an effect: read back what was sent since then as this representative,
   * and do not take one of `knownIds` (platform ids of our other messages) for this one.
   */
  readBack?: { since: string; knownIds: string[] };
}

/** A moment in the end user's view: an agent comes or goes. `eventId` is ours and the same at every attempt. */
export interface RepresentativeEvent {
  conversationId: string;
  eventId: string;
  agent: Agent;
}

/** What `npm run subscribe` shows before it sets anything. */
export interface SubscriptionPlan {
  /** What is set now; undefined where the vendor cannot tell. */
  current?: string;
  /** What will be set. */
  wanted: string;
  /** What will be gone or changed by it. */
  replaces?: string;
  /** Things to know before saying yes. */
  warnings: string[];
  unchanged: boolean;
  apply(): Promise<void>;
}

/**
 * Where the end user and the bot are. A connector makes one vendor's calls, throws {@link VendorError}, keeps no
 * state that matters after a restart, and decides nothing. What it can do beyond the required calls is an optional
 * feature object.
 */
export interface Platform {
  /** The longest text of one message, in UTF-16 code units. */
  readonly textLimit: number;
  /** The secret in the webhook's URL, for vendors whose webhooks carry no other proof; compared before parsing. */
  readonly urlSecret?: string;
  readContext(conversationId: string): Promise<ConversationContext>;
  /** Sends once. Answers with the platform's id of the message. */
  send(message: OutgoingMessage): Promise<{ platformId: string }>;
  /** Notes the case on the conversation, for people and reports on the platform's side. */
  link(conversationId: string, link: { handoffId: string; contactCenter: string; case: CaseRef }): Promise<void>;
  /** Gives the conversation back to the bot. A conversation that is closed already is a success. */
  close(conversationId: string): Promise<void>;
  /**
   * Whether the platform itself reports the conversation as closed: the only word that counts. Throws `not-found`
   * only where the platform's own API (never a proxy) answers that there is no such conversation.
   */
  isClosed(conversationId: string): Promise<boolean>;
  /** Throws {@link WebhookError} where the request is not authentic or malformed. */
  parseWebhook(request: WebhookRequest): Promise<PlatformWebhook>;
  readonly history?: {
    /** Oldest first. Throws `not-found` for a conversation that does not exist. */
    read(conversationId: string, query: HistoryQuery): Promise<Transcript>;
    /** How many conversations this process could read, messages and status, if its rate limits had no other use. */
    readonly readsPerSecond: number;
  };
  readonly representatives?: {
    joined(event: RepresentativeEvent): Promise<void>;
    left(event: RepresentativeEvent): Promise<void>;
  };
  readonly presence?: {
    /** Shows the end user that an agent types or has read. Tried once. */
    show(conversationId: string, presence: AgentPresence, replyTo?: ReplyAddress): Promise<void>;
  };
  readonly changes?: {
    /** Which of these conversations may have changed since. */
    since(conversationIds: string[], since: string): Promise<string[]>;
  };
  readonly files?: {
    /** A file an end user sent, with the platform's credentials; only from the paths by which it serves files. */
    open(url: string): Promise<FileStream>;
  };
  readonly subscription?: {
    /** What pointing the vendor's webhook at `url` would do. */
    plan(url: string): Promise<SubscriptionPlan>;
  };
  /** For platforms with one webhook for bot and agents: what is not for a handoff goes on to the bot. */
  readonly bot?: {
    /** Throws a {@link VendorError} where the bot does not take it: the platform then delivers it again. */
    forward(request: WebhookRequest): Promise<void>;
  };
  readonly openConversations?: {
    /** Open conversations that carry our mark, with the handoff's id, for the janitor; at most `limit`. */
    list(limit: number): Promise<{ conversationId: string }[]>;
  };
}

import type { PlatformCapabilities } from '../domain/capabilities';
import type { AgentPresence, EndUserPresence, PlatformEvent } from '../domain/events';
import type { CaseRef, Customer } from '../domain/handoff';
import type { Agent, MessageContent, ReplyAddress, Representative } from '../domain/message';
import type { RoutingFacts } from '../domain/routing';
import type { Transcript } from '../domain/transcript';

/** A webhook as it came in: the bytes first, since signatures are over them. */
export interface WebhookRequest {
  rawBody: Buffer;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
}

/** What a platform's webhook brought. */
export interface PlatformWebhook {
  events: { conversationId: string; event: PlatformEvent }[];
  presence: { conversationId: string; presence: EndUserPresence }[];
  /** The conversation it is about, also where it holds no event: decides whether the bot or the agent is in charge. */
  about?: string;
  /** One word for each thing in it that is no event for us (`echo`, `unknown-type`, `unverified`), for the counters. */
  ignored: string[];
  /** The end user asks for an agent: a handoff is to start. */
  requestsHandoff?: { conversationId: string; customer?: Customer; attributes?: Record<string, string> };
  /** What the vendor wants to read as the answer's body, where that is not nothing. */
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
   * Set at any attempt but the first, which may have got through unseen: read back what was sent since then, and
   * do not take one of `knownIds` (platform ids of our other messages) for this one.
   */
  readBack?: { since: string; knownIds: string[] };
}

/** A moment in the end user's view: an agent comes or goes. `eventId` is ours and the same at every attempt. */
export interface RepresentativeEvent {
  conversationId: string;
  eventId: string;
  agent: Agent;
}

export interface FileContent {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

/** What `npm run subscribe` shows before it sets anything. */
export interface SubscriptionPlan {
  /** What is set now, in words; undefined where the vendor cannot tell. */
  current?: string;
  /** What will be set, in words. */
  wanted: string;
  /** What will be gone or changed by it. */
  replaces?: string;
  /** Things to know before saying yes. */
  warnings: string[];
  unchanged: boolean;
  apply(): Promise<void>;
}

/**
 * Where the end user and the bot are. A connector does one vendor's calls, throws {@link VendorError}, keeps no
 * state that matters after a restart, and never decides what happens next.
 */
export interface Platform {
  readonly capabilities: PlatformCapabilities;
  /** The secret in the webhook's URL, for vendors whose webhooks carry no other proof; compared before parsing. */
  readonly urlSecret?: string;
  /** Where the bot takes webhooks, for platforms with one webhook for bot and agents: outside a handoff they go there. */
  readonly botUrl?: string;
  /** Oldest first. Throws `not-found` for a conversation that does not exist. */
  readHistory(conversationId: string, query: HistoryQuery): Promise<Transcript>;
  readContext(conversationId: string): Promise<ConversationContext>;
  /** Sends once. Answers with the platform's id of the message. */
  send(message: OutgoingMessage): Promise<{ platformId: string }>;
  /** For platforms with representatives alone; the others announce by text. */
  agentJoined?(event: RepresentativeEvent): Promise<void>;
  agentLeft?(event: RepresentativeEvent): Promise<void>;
  /** Shows the end user that an agent types or has read; tried once, its failure is nobody's loss. */
  showPresence?(conversationId: string, presence: AgentPresence, replyTo?: ReplyAddress): Promise<void>;
  /** Notes the case on the conversation, for people and reports on the platform's side. */
  link(conversationId: string, link: { handoffId: string; contactCenter: string; case: CaseRef }): Promise<void>;
  /** Gives the conversation back to the bot. A conversation that is closed already is a success. */
  close(conversationId: string): Promise<void>;
  isClosed(conversationId: string): Promise<boolean>;
  /** Throws {@link WebhookError} where the request is not believed or not understood. */
  parseWebhook(request: WebhookRequest): Promise<PlatformWebhook>;
  /** Which of these conversations may have changed since; undefined where the vendor cannot tell cheaply. */
  changedSince?(conversationIds: string[], since: string): Promise<string[]>;
  /** The bytes of a file an end user sent, with the platform's credentials; only from the platform's own hosts. */
  download?(url: string): Promise<FileContent>;
  /** What pointing the vendor's webhook at `url` would do. */
  planSubscription?(url: string): Promise<SubscriptionPlan>;
}

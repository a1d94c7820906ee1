import type { ContactCenterCapabilities, PlatformCapabilities } from './capabilities';
import type { Agent, Direction, DeliveryStatus, ReplyAddress, UndeliverableReason } from './message';
import type { Priority, RoutingRule } from './routing';
import type { Texts } from './texts';
import type { TranscriptEntry } from './transcript';

/**
 * Where a handoff stands: `opening` until a contact center has the case, `waiting` for an agent, `connected` with
 * one, `closing` while both sides are being closed, `closed` when both are; `failed` where Temporal itself ended the
 * workflow (terminated, timed out), so that nobody can tell.
 */
export const HANDOFF_STATES = ['opening', 'waiting', 'connected', 'closing', 'closed', 'failed'] as const;
export type HandoffStatus = (typeof HANDOFF_STATES)[number];

/** How a handoff ended, in one word. */
export const OUTCOMES = [
  'resolved', // the agent closed the case
  'ended-by-user', // the end user asked to end it
  'unanswered', // no agent answered in time
  'unavailable', // no contact center took it, or there is no such conversation
  'closed-elsewhere', // someone else closed the conversation on the platform
  'cancelled', // an operator ended it
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The answer to a bot that waits for the state. */
export const START_STATES = ['connected', 'waiting', 'opening', 'unavailable'] as const;
export type StartState = (typeof START_STATES)[number];

/** What the call that starts a handoff says about it. */
export interface HandoffCall {
  queue?: string;
  language?: string;
  priority?: Priority;
  /** A line or two for the agent on what this is about. */
  summary?: string;
  customer?: Customer;
  attributes?: Record<string, string>;
  /** The conversation so far, for platforms that cannot be read. */
  history?: TranscriptEntry[];
}

export interface Customer {
  name?: string;
  email?: string;
  phone?: string;
  language?: string;
}

/** A case in a contact center. */
export interface CaseRef {
  /** The vendor's id. */
  id: string;
  /** Where an agent opens it. */
  url?: string;
}

/** Why we close a case: shown to its agents where the vendor has a place for it. */
export type CloseReason = 'conversation-ended' | 'transferred' | 'unavailable';

/** What shapes a handoff, frozen when it starts, so that a changed settings file never bends a running one. No secrets. */
export interface HandoffSettings {
  platform: PlatformCapabilities;
  contactCenters: Record<string, ContactCenterCapabilities>;
  routing: RoutingRule[];
  texts: Texts;
  timers: HandoffTimers;
  /**
   * After so many events of history a run continues as new. Sooner than the server would ask for it: until a busy
   * conversation has got over to its next run nothing new reaches it, and that takes as long as to replay its history.
   */
  maxHistoryEvents: number;
  /** What an end user types, alone in a message, to end the handoff. Compared without case. */
  endKeywords: string[];
}

/** All in milliseconds; null switches a timer off. */
export interface HandoffTimers {
  /** How long a contact center may refuse or fail to take the case before the handoff ends as `unavailable`. */
  openWithin: number;
  /**
   * How long a contact center that is not the last of its rule may take to open the case, and then its agents to join or
   * answer, before the next one is tried.
   */
  acceptWithin: number | null;
  /** How long a message is tried before it counts as undeliverable. */
  deliverWithin: number;
  /** How long to wait for the first answer of an agent before the handoff ends as `unanswered`. */
  answerWithin: number | null;
  /** How long what vendors report is held back, so that what was before it and arrives later still comes first; 0: not. */
  holdBack?: number;
}

/** One message as the outside sees it. Its text is not part of it. */
export interface MessageView {
  id: string;
  direction: Direction;
  at: string;
  deliveryStatus: DeliveryStatus;
  reason?: UndeliverableReason;
}

/** One of a handoff's cases as the outside sees it. */
export interface CaseView {
  contactCenter: string;
  queue?: string;
  id?: string;
  url?: string;
  status: CaseStatus;
}

/** `opening` until the contact center has it; `failed` where it never took it. */
export const CASE_STATUSES = ['opening', 'open', 'closed', 'failed'] as const;
export type CaseStatus = (typeof CASE_STATUSES)[number];

/** A handoff as the outside sees it: the answer of `GET /v1/handoffs/{id}`. */
export interface HandoffView {
  handoffId: string;
  account: string;
  conversationId: string;
  state: HandoffStatus;
  outcome?: Outcome;
  /** One sentence on why it ended so, where the outcome alone does not say it. */
  detail?: string;
  contactCenter?: string;
  queue?: string;
  language?: string;
  priority?: Priority;
  /** The case that is current. */
  case?: CaseRef;
  /** All cases, oldest first: more than one after a transfer. */
  cases: CaseView[];
  representative: 'BOT' | 'HUMAN';
  agent?: Agent;
  startedAt: string;
  closedAt?: string;
  /** Messages that are still to be delivered, and those that never will be. */
  pending: number;
  undelivered: number;
  relayed: { inbound: number; outbound: number };
  /** Whether the conversation is closed on the platform: what the end user writes now is the bot's. */
  conversationClosed: boolean;
  /** How the end user is reached; for the processes, not part of the API's answer. */
  replyTo?: ReplyAddress;
  /** The latest messages, oldest first. */
  messages: MessageView[];
}

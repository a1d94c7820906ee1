import type { HandoffInput } from '../../domain/contract';
import type { HandoffEvent, HandoffRequested } from '../../domain/events';
import type { CaseRef, CaseStatus, Customer, HandoffCall, MessageView, Outcome } from '../../domain/handoff';
import type {
  Agent,
  AgentMessage,
  InboundMessage,
  Reference,
  ReplyAddress,
  Representative,
  UndeliverableReason,
} from '../../domain/message';
import type { Route, RoutingFacts } from '../../domain/routing';
import type { TextKey } from '../../domain/texts';
import type { TranscriptEntry } from '../../domain/transcript';

/** What the platform says about the conversation when a case is opened. */
export interface Gathered extends RoutingFacts {
  /** Ids of the messages that the transcript holds: they are not delivered again. */
  messageIds: string[];
  replyTo?: ReplyAddress;
  customer?: Customer;
}

/** One of the cases that a handoff moves through. */
export interface Case extends Route {
  /** What the case carries in the vendor's own field. */
  key: string;
  status: CaseStatus;
  /** Unknown until the contact center has taken it. */
  ref?: CaseRef;
  /** When its opening began. */
  since: string;
  /** When its contact center had taken it, as far as we know: from then on agents can answer. */
  takenAt?: string;
  /** One of its agents was there before we knew that the contact center has taken it. */
  answered?: boolean;
  /** It has been noted on the conversation, or cannot be. */
  linked: boolean;
  /** Closing it on our side is done, or its contact center refuses it for good. */
  settled: boolean;
}

/**
 * Where a handoff stands. `opening` until the first case is open; `closing` step by step, in the order of
 * {@link CLOSING_STEPS}.
 */
export type Phase =
  | { name: 'opening' }
  | { name: 'active' }
  | { name: 'closing'; outcome: Outcome; detail?: string; step: ClosingStep; since: string }
  | { name: 'closed'; outcome: Outcome; detail?: string; at: string };

/**
 * Ends a handoff on both sides. What agents wrote goes out first; then the goodbye, the conversation, and last the
 * cases. The end user's messages are read once more before and after the conversation is closed: so the last one
 * reaches the agent's side even if its webhook was lost.
 */
export const CLOSING_STEPS = [
  'last-answers',
  'read-missed',
  'last-messages',
  'goodbye',
  'close-conversation',
  'read-again',
  'deliver-rest',
  'close-cases',
] as const;
export type ClosingStep = (typeof CLOSING_STEPS)[number];

interface Item {
  /** An attempt since then may have got through unseen, so the next one reads back first. */
  triedSince?: string;
  /** From when on the time for its delivery counts; an operator's retry begins anew. */
  attemptsSince?: string;
  /** How often the vendor has refused it as "no such conversation or case" although there is one. */
  refusals?: number;
}

/** What is pending for the case, in order: the end user's messages, and notes for the agents only. */
export type ToAgentItem =
  | (Item & { kind: 'message'; message: InboundMessage | Reference<InboundMessage> })
  | (Item & { kind: 'note'; id: string; caseKey: string; note: Note });

/** What a note says; its words are chosen when it is written. */
export type Note =
  | { type: 'undeliverable'; reason: UndeliverableReason; at: string; count: number }
  | { type: 'transfer-failed'; to: string; detail?: string }
  | { type: 'conversation-over' };

/**
 * A line for the agents of a case that is over for this handoff: one that it has moved on from, or one of a handoff
 * that the conversation had before it.
 */
export interface EarlierCaseNote {
  id: string;
  contactCenter: string;
  caseKey: string;
  note: Note;
}

/** What is pending for the end user, in order. */
export type ToEndUserItem = Item & {
  /** An attempt since then to announce the agent that is missing before this item may have got through. */
  announcingSince?: string;
} &
  /** `ofCase`: which of the cases has its content and files. */
  (
    | { kind: 'message'; message: AgentMessage | Reference<AgentMessage>; partsSent: number; ofCase?: number }
    | { kind: 'joined' | 'left'; agent: Agent }
    | { kind: 'notice'; id: string; text: TextKey }
  );

/** An undeliverable message, kept so that an operator can have it tried again. */
export type Undeliverable =
  | { direction: 'inbound'; item: Extract<ToAgentItem, { kind: 'message' }> }
  | { direction: 'outbound'; item: Extract<ToEndUserItem, { kind: 'message' }> };

/** What can be held back: all that vendors report, each with its time there. */
export type HoldableEvent = Exclude<HandoffEvent, HandoffRequested>;

/** An event that has arrived, and does not count before `until`. */
export interface HeldEvent {
  event: HoldableEvent;
  until: string;
}

/** What the platform itself says of the conversation. */
export type ConversationStatus = 'open' | 'closed' | 'not-found';

/**
 * All a handoff knows, as plain JSON: it goes through continue-as-new, where a Map or a Date would not survive.
 * Only `reduce` makes a new one. What has to be done next follows from it alone.
 */
export interface HandoffState {
  nonce: string;
  startedAt: string;
  phase: Phase;
  /** The conversation's messages and context: to be read before a case is opened. */
  context: 'pending' | 'read' | 'unreadable';
  /** How often it was read again, because the platform said "not found" of a conversation that there is. */
  rereads: number;
  gathered?: Gathered;
  /** Oldest first; see {@link currentCase}. */
  cases: Case[];
  conversation: ConversationStatus;
  /** A vendor's answer says that the conversation or the case is over: to be verified before anything counts. */
  doubts: { conversation: boolean; case: boolean };
  /** Who the end user sees as speaking. `isUnsure`: whether the platform has learned of the agent is not known. */
  representative: Representative & { isUnsure?: true };
  /** An agent has joined or written in the current case. */
  answered: boolean;
  replyTo?: ReplyAddress;
  /** The platform's time of the latest message from the end user. */
  lastInboundAt?: string;
  toAgent: ToAgentItem[];
  toEndUser: ToEndUserItem[];
  toEarlierCases: EarlierCaseNote[];
  /** Counts our own texts and notes, for ids that stay the same at every attempt. */
  ownActs: number;
  /** Counts those that were made, for the same reason: the next one has one id until it is done. */
  announcements: number;
  /** Keys of events that have arrived, oldest first, at most {@link SEEN_LIMIT}. */
  seen: string[];
  /** None of them had to be dropped yet. */
  seenIsWhole: boolean;
  /** The platform's ids of what we sent lately, oldest first. */
  sentIds: string[];
  /** The latest messages with their delivery status, oldest first. */
  messages: MessageView[];
  undeliverable: Undeliverable[];
  /** What was relayed lately, for a later case's transcript, where the platform cannot be read. */
  relayed: TranscriptEntry[];
  counts: { inbound: number; outbound: number; undelivered: number };
  /** Events that have arrived and are held back for a moment, so that they count in the vendor's order. */
  held?: HeldEvent[];
  /** The bot's next call: a handoff that begins when this one is over. */
  requested?: { id: string; nonce: string; call: HandoffCall };
}

export const SEEN_LIMIT = 2_000;

export function initialState({ nonce, call, settings }: HandoffInput, startedAt: string): HandoffState {
  // What the bot has passed along is in the transcript, where the platform has none of its own.
  const known = settings.platform.history ? [] : (call.history ?? []);
  return {
    nonce,
    startedAt,
    phase: { name: 'opening' },
    context: 'pending',
    rereads: 0,
    cases: [],
    conversation: 'open',
    doubts: { conversation: false, case: false },
    representative: { type: 'BOT' },
    answered: false,
    toAgent: [],
    toEndUser: [],
    toEarlierCases: [],
    ownActs: 0,
    announcements: 0,
    seen: known.flatMap(({ id }) => (id ? [`p:${id}`] : [])),
    seenIsWhole: true,
    sentIds: [],
    messages: [],
    undeliverable: [],
    relayed: [],
    counts: { inbound: 0, outbound: 0, undelivered: 0 },
  };
}

/** Nothing waits to be delivered to anybody. */
export function isAllDelivered({ toAgent, toEndUser, toEarlierCases }: HandoffState): boolean {
  return toAgent.length + toEndUser.length + toEarlierCases.length === 0;
}

/** The case that messages go to: while the next one is being opened, still the one before. */
export function currentCase({ cases }: HandoffState): Case | undefined {
  const taken = cases.findLast(({ status }) => status === 'open' || status === 'closed');
  return taken ?? openingCase({ cases }) ?? cases.at(-1);
}

/** The case that its contact center is still to take. */
export function openingCase({ cases }: Pick<HandoffState, 'cases'>): Case | undefined {
  return cases.find(({ status }) => status === 'opening');
}

/** The outcome as soon as the handoff is ending. */
export function ending({ phase }: HandoffState): { outcome: Outcome; detail?: string } | undefined {
  return phase.name === 'closing' || phase.name === 'closed' ? phase : undefined;
}

/** Whether the last words have been said: what comes after them reaches nobody on the other side. */
export function isPastGoodbye({ phase }: HandoffState): boolean {
  if (phase.name === 'closed') return true;
  return phase.name === 'closing' && CLOSING_STEPS.indexOf(phase.step) >= CLOSING_STEPS.indexOf('goodbye');
}

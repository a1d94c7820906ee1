import type { HandoffInput } from '../../domain/contract';
import type { CaseRef, Customer, MessageView, Outcome } from '../../domain/handoff';
import type { FinalFailure } from '../../domain/failures';
import type { Agent, AgentMessage, InboundMessage, ReplyAddress, Representative } from '../../domain/message';
import type { Route, RoutingFacts } from '../../domain/routing';
import type { TextKey } from '../../domain/texts';

/** What the platform said about the conversation when the handoff began. */
export interface Gathered extends RoutingFacts {
  /** Ids of the messages that the transcript holds: they are not delivered again. */
  messageIds: string[];
  replyTo?: ReplyAddress;
  customer?: Customer;
}

/** `triedSince`: an attempt since then may have got through unseen, so the next one has to look first. */
interface Item {
  triedSince?: string;
}

/** What waits to go into the case, in order: the end user's messages, and lines for the agent alone. */
export type InboundItem = Item &
  ({ kind: 'message'; message: InboundMessage } | { kind: 'note'; id: string; text: string });

/** What waits to reach the end user, in order. */
export type OutboundItem = Item &
  (
    | { kind: 'message'; message: AgentMessage; partsSent: number }
    | { kind: 'joined'; agent: Agent }
    | { kind: 'left'; agent: Agent }
    | { kind: 'notice'; id: string; text: TextKey }
  );

/** A message given up, kept so that an operator can have it tried again. */
export type GivenUp = Extract<InboundItem | OutboundItem, { kind: 'message' }>;

/**
 * All a handoff knows, as plain JSON: it goes through continue-as-new, where a Map or a Date would not survive.
 * Only `reduce` makes a new one.
 */
export interface HandoffState {
  /** What the case carries in the vendor's own field. */
  key: string;
  startedAt: string;
  gathered?: Gathered;
  route?: Route;
  case?: CaseRef;
  /** The contact center says that the case is closed. */
  caseOver: boolean;
  /** The conversation is closed on the platform: nothing more can be said in it. */
  conversationOver: boolean;
  /** Who the end user sees as speaking. */
  representative: Representative;
  /** An agent has joined or written. */
  answered: boolean;
  replyTo?: ReplyAddress;
  /** The platform's time of the latest message from the end user. */
  lastInboundAt?: string;
  inbound: InboundItem[];
  outbound: OutboundItem[];
  /** So many of the messages next in the inbound lane travel alone, because one of them was refused in company. */
  alone: number;
  /** Counts what we say and announce ourselves, for ids that stay the same at every attempt. */
  ownActs: number;
  /** Keys of events that have arrived, oldest first, at most {@link SEEN_LIMIT}. */
  seen: string[];
  /** The platform's ids of what we sent lately, oldest first. */
  sentIds: string[];
  /** The latest messages with their statuses, oldest first, at most {@link MESSAGE_LOG_LIMIT}. */
  messages: MessageView[];
  givenUp: GivenUp[];
  counts: { inbound: number; outbound: number; undelivered: number };
  closing?: Closing;
  ended: boolean;
}

export interface Closing {
  outcome: Outcome;
  detail?: string;
  /** The last words have been put into the lane. */
  goodbye: boolean;
}

/** Why a step failed for good; undefined where it ran out of time. */
export type StepFailure = FinalFailure | undefined;

export const SEEN_LIMIT = 2_000;
export const MESSAGE_LOG_LIMIT = 200;
const SENT_IDS_LIMIT = 50;
const GIVEN_UP_LIMIT = 20;

export function initialState({ call, settings }: HandoffInput, key: string, startedAt: string): HandoffState {
  // What the bot has passed along is in the transcript, where the platform has none of its own.
  const told = settings.platform.history ? [] : (call.history ?? []);
  return {
    key,
    startedAt,
    caseOver: false,
    conversationOver: false,
    representative: { type: 'BOT' },
    answered: false,
    inbound: [],
    outbound: [],
    alone: 0,
    ownActs: 0,
    seen: told.flatMap(({ id }) => (id ? [`p:${id}`] : [])),
    sentIds: [],
    messages: [],
    givenUp: [],
    counts: { inbound: 0, outbound: 0, undelivered: 0 },
    ended: false,
  };
}

export const remember = {
  seen: (state: HandoffState, ...keys: string[]): string[] => [...state.seen, ...keys].slice(-SEEN_LIMIT),
  sentIds: (state: HandoffState, ids: string[]): string[] => [...state.sentIds, ...ids].slice(-SENT_IDS_LIMIT),
  message: (state: HandoffState, view: MessageView): MessageView[] =>
    [...state.messages, view].slice(-MESSAGE_LOG_LIMIT),
  givenUp: (state: HandoffState, item: GivenUp): GivenUp[] => [...state.givenUp, item].slice(-GIVEN_UP_LIMIT),
};

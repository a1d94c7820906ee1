import type { CaseRef, CloseReason, Customer, HandoffCall } from '../domain/handoff';
import type { ConversationRef } from '../domain/ids';
import type { Agent, InboundMessage, MessageContent, Reference, ReplyAddress, Representative } from '../domain/message';
import type { Route, RoutingFacts } from '../domain/routing';
import type { TranscriptEntry } from '../domain/transcript';

/** What handoffs ask of the activities, and what these answer. */

export interface GatherAnswer extends RoutingFacts {
  /** Ids of the messages that the transcript holds. */
  messageIds: string[];
  replyTo?: ReplyAddress;
  customer?: Customer;
}

interface ToEndUser extends ConversationRef {
  replyTo?: ReplyAddress;
  /** The platform's ids of what we sent lately: none of them is this message. */
  knownIds: string[];
  /** Set where an earlier activity may have sent it already: from when on to look for it. */
  sentSince?: string;
}

export interface SendRequest extends ToEndUser {
  representative: Representative;
  contactCenter: string;
  case?: CaseRef;
  /** `id` is the contact center's, `messageId` ours, the same at every attempt. No content: read it again. */
  messages: { id: string; messageId: string; content?: MessageContent }[];
  /** So many parts of the first message are out already. */
  partsSent: number;
  textLimit: number;
}

/** One part of a message that is out. */
export interface SentPart {
  id: string;
  platformId: string;
  isLast: boolean;
}

export interface SayRequest extends ToEndUser {
  messageId: string;
  /** An ICU message. */
  template: string;
  language?: string;
  params: Record<string, string>;
}

export interface AnnounceRequest extends ConversationRef {
  eventId: string;
  change: 'joined' | 'left';
  agent: Agent;
}

export interface LinkRequest extends ConversationRef {
  handoffId: string;
  contactCenter: string;
  case: CaseRef;
  caseKey: string;
}

export interface MissedRequest extends ConversationRef {
  handoffId: string;
  /** ISO 8601. */
  since: string;
}

export interface MissedAnswer {
  messages: InboundMessage[];
  /** There are more than one answer may carry. */
  more: boolean;
}

export interface OpenRequest extends ConversationRef {
  key: string;
  route: Route;
  call: HandoffCall;
  /** Undefined where the platform could not be read at all. */
  gathered?: GatherAnswer;
  /** What was relayed in earlier cases, where the platform cannot be read. */
  relayed: TranscriptEntry[];
}

interface OfCase {
  account: string;
  contactCenter: string;
}

export interface AppendRequest extends OfCase, ConversationRef {
  case: CaseRef;
  /** Without content: read it again from the platform. */
  messages: (InboundMessage | Reference<InboundMessage>)[];
  /** The end user's name. */
  author?: string;
  /** An earlier activity may have appended some of them already. */
  again: boolean;
}

export interface NoteRequest extends OfCase {
  case: CaseRef;
  noteId: string;
  text: string;
}

export interface NoteEarlierCaseRequest extends OfCase {
  key: string;
  noteId: string;
  text: string;
}

export interface CloseCaseRequest extends OfCase {
  /** Unknown where the opening was cut short: a case that came of it is found by its key. */
  case?: CaseRef;
  key: string;
  reason: CloseReason;
}

export interface CheckCaseRequest extends OfCase {
  key: string;
}

export interface CheckCaseAnswer {
  status: 'open' | 'closed' | 'not-found';
  ref?: CaseRef;
}

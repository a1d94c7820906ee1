import type { HandoffAnswer } from '../../api/handoffs/schemas';
import type { Direction } from '../../domain/message';
import type { ConversationPlan, DeskName } from './plan';
import type { Moment } from './timelines';

/** What became of one conversation, from what its two sides hold: all that the checker knows. */
export interface ConversationRecord {
  plan: ConversationPlan;
  conversationId: string;
  /** All that end user and agents have sent, in order of each side. */
  sent: SentMessage[];
  /** What did not go as scripted, such as a case that was closed before its agent was done. */
  unexpected: string[];
  platform: {
    status: string;
    /** What the end user has received and no bot has written, oldest first. */
    received: Received[];
  };
  /** Oldest first. */
  cases: CaseRecord[];
  /** The API's answer; undefined where it has none. */
  handoff?: HandoffAnswer;
  /** Temporal's word on each run of the workflow, latest first. */
  executions: string[];
  timeline: Moment[];
}

export interface SentMessage {
  direction: Direction;
  n: number;
  /** A text, or the caption of a file. */
  text: string;
  /** SHA-256 of a file's bytes. */
  file?: string;
  bytes: number;
  /** Epoch ms. */
  at: number;
  /** When the other side had it. */
  arrivedAt?: number;
  /** The platform's or the contact center's id. */
  id: string;
  /** Written when the handoff may already have been ending: then it may come too late, but not get lost unseen. */
  racing: boolean;
  /** Other messages' webhooks came and its own did not: it is found later by reading, after what came meanwhile. */
  isUnreported: boolean;
}

export interface Received {
  /** A text, or the caption of a file. */
  text: string;
  /** SHA-256 of a file's bytes, where these came along or could be fetched. */
  file?: string;
  /** The message in other words, such as a note about it. */
  isQuoted?: boolean;
}

export interface CaseRecord {
  desk: DeskName;
  id: string;
  status: 'open' | 'closed';
  /** The end user's part of what the case began with. */
  transcript: Received[];
  /** What was added from the end user's side, in order. */
  appended: Received[];
  /** What the service has reported to the agents. */
  notes: string[];
}

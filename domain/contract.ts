import type { ConversationRef } from './ids';
import type { HandoffCall, HandoffSettings, HandoffView } from './handoff';
import type { Direction } from './message';

/** The names by which API, workers and watchers speak to each other through Temporal. */

/**
 * The watchers' polls have a task queue of their own, so that polling never delays sending.
 * @param taskQueue the one of the workflows and all other activities: the setting `temporal.taskQueue`
 */
export function watchTaskQueue(taskQueue: string): string {
  return `${taskQueue}-watch`;
}

export const WORKFLOWS = { handoff: 'handoff', watch: 'watch', janitor: 'janitor' } as const;

export const SIGNALS = {
  /** `deliver(events: HandoffEvent[])`: everything that reaches a handoff from outside. */
  deliver: 'deliver',
  /** To a watch, `register(handoffs: RegisteredHandoff[])`: these handoffs are open on its connection. */
  register: 'register',
  /** To a watch, `unregister(handoffIds: string[])`: these are closed. */
  unregister: 'unregister',
  /** To a watch, `active(handoffIds: string[])`: something was said there just now. */
  active: 'active',
  /** To a watch, `pollNow()`: a webhook says that something happened. */
  pollNow: 'pollNow',
} as const;

/** Commands of people, each an update with a synchronous validator; all but `awaitState` answer with a HandoffView. */
export const UPDATES = {
  /** `awaitState(): StartState`: answers as soon as it is known what becomes of the handoff. */
  awaitState: 'awaitState',
  /** `close({by})`: an operator or the end user ends it. */
  close: 'close',
  /** `retry(RetryRequest)`: an undeliverable message is tried again, after those that are pending now. */
  retry: 'retry',
  /** `transfer(TransferRequest)`: on to another contact center or queue. */
  transfer: 'transfer',
} as const;

export interface CloseRequest {
  by: 'operator' | 'end-user';
}

/** Ids are unique per direction only: where both directions have this one undeliverable, the direction has to be named. */
export interface RetryRequest {
  messageId: string;
  direction?: Direction;
}

export interface TransferRequest {
  /** The name of one of the account's contact centers. */
  to: string;
  queue?: string;
}

export const QUERIES = {
  /** `view(): HandoffView`. */
  view: 'view',
  /** `unseen(keys): string[]`: which of these event keys have not arrived yet. */
  unseen: 'unseen',
  /** `ownsCase(key): boolean`: whether a case with this key is one of its own. */
  ownsCase: 'ownsCase',
  /** Of a watch, `register(knownVersion): WatchRegister | null`: null where nothing has changed since. */
  register: 'register',
} as const;

/** What a handoff leaves behind: `seen` has the keys of the latest events that reached it. */
export interface HandoffResult extends HandoffView {
  seen: string[];
}

/** The whole input of a handoff. */
export interface HandoffInput extends ConversationRef {
  /** Random, 12 hex digits: part of the case keys, so that nobody can guess them. */
  nonce: string;
  call: HandoffCall;
  settings: HandoffSettings;
  /** What the conversation's handoff before this one has seen of its cases, see {@link caseEventsIn}. */
  seenBefore?: string[];
}

/** A handoff as a watch keeps it in its register. */
export interface RegisteredHandoff {
  handoffId: string;
  /** Epoch ms of the latest sign of life. */
  activeAt: number;
}

/** The answer of the query `register`. */
export interface WatchRegister {
  version: number;
  /** Counts the requests to poll at once. */
  pollNow: number;
  handoffs: RegisteredHandoff[];
}

export interface WatchInput {
  account: string;
  /** The name of a contact center, or `platform`. */
  connection: string;
  /** Where to read on; null where the connection keeps none. */
  cursor: string | null;
  /** Those registered before a continue-as-new. */
  handoffs: RegisteredHandoff[];
}

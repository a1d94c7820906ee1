import type { HandoffCall, HandoffSettings } from './handoff';
import type { ConversationRef } from './ids';

/** The names by which API, workers and watchers speak to each other through Temporal. */

/**
 * The watchers' long polls have a task queue of their own, so that polling never starves sending.
 * @param taskQueue the one of the workflows and all other activities: the setting `temporal.taskQueue`
 */
export function watchTaskQueue(taskQueue: string): string {
  return `${taskQueue}-watch`;
}

export const WORKFLOWS = { handoff: 'handoff', watch: 'watch' } as const;

export const SIGNALS = {
  /** `deliver(events: HandoffEvent[])`: everything that reaches a handoff from outside. */
  deliver: 'deliver',
  /** `wake()`: a handoff has started on this watcher's connection. */
  wake: 'wake',
} as const;

export const UPDATES = {
  /** `verdict(): Verdict`: answers as soon as it is known what becomes of the handoff. */
  verdict: 'verdict',
  /** `close(by): HandoffView`: an operator or the end user ends it. */
  close: 'close',
  /** `retry(messageId): HandoffView`: an undeliverable message is tried again, after those that wait now. */
  retry: 'retry',
} as const;

export const QUERIES = {
  /** `view(): HandoffView`. */
  view: 'view',
  /** `unseen(keys): string[]`: which of these event keys have not arrived yet. */
  unseen: 'unseen',
} as const;

/** Search attributes, all keywords but the last: nothing personal, they are not encrypted. */
export const SEARCH_ATTRIBUTES = {
  HandoffAccount: 'KEYWORD',
  HandoffState: 'KEYWORD',
  HandoffQueue: 'KEYWORD',
  HandoffCase: 'KEYWORD',
  HandoffUndelivered: 'INT',
} as const;

/** The whole input of a handoff. */
export interface HandoffInput extends ConversationRef {
  call: HandoffCall;
  settings: HandoffSettings;
}

export interface WatchInput {
  account: string;
  /** The name of a contact center, or `platform`. */
  connection: string;
  /** Where to read on; null where the connection keeps none. */
  cursor: string | null;
}

import type { HandoffEvent } from './events';
import { latestWithin } from './limits';

/** What agents read who go on in a case that is over. Once per case, so it has the same id wherever it comes from. */
export const LATE_NOTE_ID = 'late';
export const LATE_NOTE = 'The conversation with the end user has ended: what is written here does not reach them.';

type NeedsNote = Extract<HandoffEvent, { type: 'agent-message' | 'case-reopened' }>;

/** Whether an agent who does this in a case that is over has to learn it. */
export function needsLateNote(event: HandoffEvent): event is NeedsNote {
  return event.type === 'agent-message' || event.type === 'case-reopened';
}

/** So much goes on to the next handoff of a conversation: hundreds of keys, and older ones do not come again. */
const SEEN_BEFORE_BYTES = 16 * 1024;

/** Those of the keys that are of events of cases, the latest of them. */
export function caseEventsIn(keys: string[]): string[] {
  return latestWithin(
    keys.filter((key) => key.startsWith('c:')),
    SEEN_BEFORE_BYTES,
  );
}

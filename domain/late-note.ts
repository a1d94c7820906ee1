import type { HandoffEvent } from './events';

/** What agents read who go on in a case that is over. Once per case, so it has the same id wherever it comes from. */
export const LATE_NOTE_ID = 'late';
export const LATE_NOTE = 'The conversation with the end user has ended: what is written here does not reach them.';

type NeedsNote = Extract<HandoffEvent, { type: 'agent-message' | 'case-reopened' }>;

/** Whether an agent who does this in a case that is over has to learn it. */
export function needsLateNote(event: HandoffEvent): event is NeedsNote {
  return event.type === 'agent-message' || event.type === 'case-reopened';
}

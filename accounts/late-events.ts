import type { ContactCenter } from '../connectors/contact-center';
import type { HandoffEvent } from '../domain/events';
import { LATE_NOTE, LATE_NOTE_ID, needsLateNote } from '../domain/late-note';

/**
 * Notes on their cases that what agents still do there, after the end of the handoff, reaches nobody. Once per case,
 * however much they write. Answers how many cases that were.
 */
export async function noteLateEvents(contactCenter: ContactCenter, events: HandoffEvent[]): Promise<number> {
  const keys = new Set(events.filter(needsLateNote).map(({ caseKey }) => caseKey));
  for (const key of keys) {
    const found = await contactCenter.findCase(key);
    if (found) await contactCenter.note(found.ref, `${key}/${LATE_NOTE_ID}`, LATE_NOTE);
  }
  return keys.size;
}

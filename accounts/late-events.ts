import type { ContactCenter } from '../connectors/contact-center';
import type { HandoffEvent } from '../domain/events';

const LATE = 'The conversation with the end user has ended: what is written here does not reach them.';

/**
 * Notes on their cases that what agents still do there, after the end of the handoff, reaches nobody. Once per case,
 * however much they write. Answers how many cases that were.
 */
export async function noteLateEvents(contactCenter: ContactCenter, events: HandoffEvent[]): Promise<number> {
  const keys = new Set(
    events.flatMap((event) =>
      event.type === 'agent-message' || event.type === 'case-reopened' ? [event.caseKey] : [],
    ),
  );
  for (const key of keys) {
    const found = await contactCenter.findCase(key);
    if (found) await contactCenter.note(found.ref, `${key}/late`, LATE);
  }
  return keys.size;
}

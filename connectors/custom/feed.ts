import { z } from 'zod';
import { MEBIBYTE } from '../../domain/capabilities';
import type { AgentMessage } from '../../domain/message';
import type { ContactCenter } from '../contact-center';
import { VendorError } from '../shared/errors';
import type { Desk } from './call';
import { readAgentMessage, readEvent } from './events';
import { casePath, withQuery } from './paths';

/** What is read from the desk in pages. A page that is too large is asked for again in a smaller one. */

const MAX_PAGE_BYTES = 8 * MEBIBYTE;

/** One event alone may be larger: it is the last resort, and must not stop all that follow it. */
const PAGES = [
  { limit: 100, maxBytes: MAX_PAGE_BYTES },
  { limit: 10, maxBytes: MAX_PAGE_BYTES },
  { limit: 1, maxBytes: 32 * MEBIBYTE },
];

const page = z.object({
  events: z.array(z.unknown()),
  cursor: z.string().min(1).max(1_000),
  more: z.boolean().default(false),
});

/** The feed of the same events that come by webhook, for those that no webhook brought. */
export function eventFeed(desk: Desk): NonNullable<ContactCenter['poll']> {
  return {
    start: async () => (await desk.get('reading events', '/events', page)).cursor,
    async read(after) {
      const { events, cursor, more } = await readPage(desk, after);
      const readings = events.map(readEvent);
      return {
        events: readings.flatMap((reading) => ('event' in reading ? [reading.event] : [])),
        cursor,
        // A cursor that stands still would be asked for again without a pause.
        more: more && cursor !== after,
        unreadable: readings.filter((reading) => 'malformed' in reading).length,
      };
    },
  };
}

async function readPage(desk: Desk, after: string): Promise<z.output<typeof page>> {
  for (const { limit, maxBytes } of PAGES) {
    const path = withQuery('/events', { after, limit: String(limit) });
    const found = await desk.getAtMost(maxBytes, 'reading events', path, page);
    if (found) return found;
  }
  throw new VendorError(
    'unavailable',
    `The desk: reading events after '${after.slice(0, 100)}' answered more than 32 MiB with limit=1; the desk has to honor 'limit' and to shorten this event`,
  );
}

const MESSAGES_PER_CALL = 20;
const messagesAnswer = z.object({ messages: z.array(z.unknown()) });

/** For desks that can show an agent's message again. */
export function agentMessages(desk: Desk): NonNullable<ContactCenter['agentMessages']> {
  return {
    async read({ id }, ids) {
      const found: AgentMessage[] = [];
      for (let start = 0; start < ids.length; start += MESSAGES_PER_CALL) {
        found.push(...(await readMessages(desk, id, ids.slice(start, start + MESSAGES_PER_CALL))));
      }
      return found;
    },
  };
}

/** In halves where all of them together are too large. */
async function readMessages(desk: Desk, caseId: string, ids: string[]): Promise<AgentMessage[]> {
  const path = withQuery(casePath(caseId, 'agent-messages'), { ids });
  const answer = await desk.getAtMost(MAX_PAGE_BYTES, "reading agents' messages", path, messagesAnswer);
  if (answer) {
    const messages = answer.messages.map(readAgentMessage).filter((message) => message !== undefined);
    return ids.flatMap((id) => messages.find((message) => message.id === id) ?? []);
  }
  if (ids.length === 1) return [];
  const half = Math.ceil(ids.length / 2);
  const [first, second] = [ids.slice(0, half), ids.slice(half)];
  return [...(await readMessages(desk, caseId, first)), ...(await readMessages(desk, caseId, second))];
}

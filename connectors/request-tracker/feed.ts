import { z } from 'zod';
import type { ContactCenterEvent } from '../../domain/events';
import type { PollResult } from '../contact-center';
import { attachmentsOf, contentsOf } from './attachments';
import { PAGE_SIZE, pageOf, type Client } from './client';
import { advance, isNew, parseCursor, startOf, type Cursor } from './cursor';
import { unlessHidden, type Lookups } from './lookups';
import { isOurMail } from './messages';
import type { RequestTrackerSettings } from './settings';

/** `Field` and the values are empty for messages; owners come as user numbers. */
const transaction = z.object({
  id: z.coerce.number(),
  Type: z.string(),
  Created: z.iso.datetime(),
  ObjectId: z.coerce.string(),
  OldValue: z.string().nullish(),
  NewValue: z.string().nullish(),
  Creator: z.object({ id: z.coerce.string() }),
});
type Transaction = z.output<typeof transaction>;

/**
 * Asking for tickets alone lets the database leave out what our account may not see; a full page is then a full
 * page. An owner's change is recorded twice, as `Set` and as `SetWatcher`; one of them is enough.
 */
const TELLING =
  "ObjectType = 'RT::Ticket' AND (Type = 'Correspond' OR Type = 'Status' OR (Type = 'Set' AND Field = 'Owner'))";
const FIELDS = 'Type,Creator,Created,ObjectId,OldValue,NewValue';

/** One feed for all tickets: Request Tracker numbers all that happens in one row. */
export function feedCalls(client: Client, lookups: Lookups, settings: RequestTrackerSettings) {
  const transactions = (query: string, order: 'ASC' | 'DESC', per_page: number) =>
    client.get('reading what happened', '/transactions', pageOf(transaction), {
      query,
      fields: FIELDS,
      orderby: 'id',
      order,
      per_page,
    });

  async function startCursor(): Promise<string> {
    const { items } = await transactions(TELLING, 'DESC', 1);
    return JSON.stringify({ after: items[0]?.id ?? 0, missing: [] });
  }

  /** All from the cursor's start to the end of the first page that holds something new. */
  async function readOn(cursor: Cursor): Promise<{ items: Transaction[]; more: boolean }> {
    const read: Transaction[] = [];
    for (;;) {
      const from = read.at(-1)?.id ?? startOf(cursor);
      const { items } = await transactions(`${TELLING} AND id > ${from}`, 'ASC', PAGE_SIZE);
      read.push(...items);
      const more = items.length === PAGE_SIZE;
      if (!more || items.some(({ id }) => isNew(cursor, id))) return { items: read, more };
    }
  }

  async function poll(text: string): Promise<PollResult> {
    const cursor = parseCursor(text);
    const { items, more } = await readOn(cursor);
    const events: ContactCenterEvent[] = [];
    for (const item of items.filter(({ id }) => isNew(cursor, id))) {
      events.push(...(await eventsOf(item, client, lookups, settings)));
    }
    const ids = items.map(({ id }) => id);
    return { events, cursor: JSON.stringify(advance(cursor, ids, Date.now())), more };
  }

  return { startCursor, poll };
}

async function eventsOf(
  happened: Transaction,
  client: Client,
  lookups: Lookups,
  settings: RequestTrackerSettings,
): Promise<ContactCenterEvent[]> {
  const caseKey = (await lookups.knownTicket(happened.ObjectId))?.key;
  if (!caseKey) return [];
  switch (happened.Type) {
    case 'Correspond':
      return messagesOf(happened, caseKey, client, lookups, settings);
    case 'Set':
      return ownerChange(happened, caseKey, lookups, settings);
    default:
      return statusChange(happened, caseKey, settings);
  }
}

/** Only staff speaks to the end user: mail reaches tickets from anyone, and our own messages come back as well. */
async function messagesOf(
  { id, Created: at, Creator }: Transaction,
  caseKey: string,
  client: Client,
  lookups: Lookups,
  settings: RequestTrackerSettings,
): Promise<ContactCenterEvent[]> {
  if (isUs(Creator.id, settings)) return [];
  const author = await lookups.user(Creator.id);
  if (!author?.privileged) return [];
  const parts = (await unlessHidden(attachmentsOf(client, String(id)))) ?? [];
  if (isOurMail(parts[0]?.MessageId)) return [];
  const agent = { id: author.name, name: author.realName };
  return (await contentsOf(client, parts)).map((content, i) => ({
    type: 'agent-message',
    caseKey,
    message: { id: i === 0 ? `${id}` : `${id}.${i}`, at, agent, content },
  }));
}

function statusChange(
  { id, Created: at, OldValue, NewValue }: Transaction,
  caseKey: string,
  { closedStatuses }: RequestTrackerSettings,
): ContactCenterEvent[] {
  const [was, is] = [OldValue, NewValue].map((status) => closedStatuses.includes(status ?? ''));
  if (was === is) return [];
  return [{ type: is ? 'case-closed' : 'case-reopened', caseKey, id: `${id}`, at }];
}

/** Who takes a ticket joins; who is given one has not seen it yet, so that is only an end for the one before. */
async function ownerChange(
  { id, Created: at, OldValue, NewValue, Creator }: Transaction,
  caseKey: string,
  lookups: Lookups,
  settings: RequestTrackerSettings,
): Promise<ContactCenterEvent[]> {
  const [before, now] = await Promise.all([OldValue, NewValue].map((number) => owner(number, lookups, settings)));
  const event = { caseKey, id: `${id}`, at };
  if (now && now.id === Creator.id) return [{ type: 'agent-joined', ...event, agent: now }];
  if (now) return [{ type: 'transferred', ...event, to: now.name }];
  return before ? [{ type: 'agent-left', ...event, agent: before }] : [];
}

/** Undefined for nobody and for ourselves. */
async function owner(number: string | null | undefined, lookups: Lookups, settings: RequestTrackerSettings) {
  const user = number ? await lookups.user(number) : undefined;
  if (!user?.privileged || isUs(user.name, settings)) return undefined;
  return { id: user.name, name: user.realName };
}

/** Request Tracker's user names know no case of letters. */
function isUs(name: string, { username }: RequestTrackerSettings): boolean {
  return name.toLowerCase() === username.toLowerCase();
}

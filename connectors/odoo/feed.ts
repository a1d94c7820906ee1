import type { CaseRef } from '../../domain/handoff';
import type { AgentMessage } from '../../domain/message';
import type { PollResult } from '../contact-center';
import { dueOf, MOST_SET_ASIDE } from '../shared/set-aside';
import type { Client } from './client';
import { advance, cursorAt, parseCursor, type Cursor } from './cursor';
import { listRows, messagesOf, type Row } from './events';
import { readRows } from './rows';
import { numberOf, type Tickets } from './tickets';

/** One poll reads so many new messages, which bounds its memory and time. */
const MOST_NEW = 50;

/** And tries so many again that could not be read before. */
const MOST_RETRIED = 5;

/** One feed for all tickets: Odoo numbers all messages and notifications in one row. */
export function feedCalls(client: Client, tickets: Tickets, baseUrl: string) {
  async function start(): Promise<string> {
    const latest = await listRows(client, [], { order: 'id desc', limit: 100 });
    const numbers = latest.map(({ id }) => id);
    return JSON.stringify(cursorAt(numbers, Date.now()));
  }

  async function read(text: string): Promise<PollResult> {
    const cursor = parseCursor(text);
    const now = Date.now();
    const fresh = await nextOf(client, cursor);
    const allDue = dueOf(cursor.aside, now);
    const due = allDue.slice(0, MOST_RETRIED);
    const waiting = cursor.aside.filter((each) => !due.includes(each));
    const dueIds = due.map(({ id }) => id);
    const again = dueIds.length > 0 ? await listRows(client, [['id', 'in', dueIds]]) : [];
    const { events, aside, unreadable } = await readRows(
      { client, tickets, baseUrl },
      [...again, ...fresh],
      due,
      waiting,
      now,
    );
    const ids = fresh.map(({ id }) => id);
    return {
      events: events.sort((a, b) => a.of - b.of).map(({ event }) => event),
      cursor: JSON.stringify({ ...advance(cursor, ids, now), aside }),
      more: fresh.length === MOST_NEW || allDue.length > due.length,
      ...(unreadable > 0 && { unreadable }),
    };
  }

  const agentMessages = (ref: CaseRef, ids: string[]) => readAgain(client, baseUrl, ref, ids);

  return { start, read, agentMessages };
}

/** `12.1` is the second part of message 12. */
async function readAgain(client: Client, baseUrl: string, ref: CaseRef, ids: string[]): Promise<AgentMessage[]> {
  const numbers = [...new Set(ids.map((id) => id.split('.', 1)[0]!))].filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  const where = [
    ['res_id', '=', numberOf(ref.id)],
    ['id', 'in', numbers],
  ];
  const messages: AgentMessage[] = [];
  for (const row of await listRows(client, where, { spokenOnly: true })) {
    messages.push(...(await messagesOf(client, baseUrl, row)));
  }
  return messages.filter(({ id }) => ids.includes(id));
}

/** What the cursor has not seen; while too much is set aside, nothing new. */
async function nextOf(client: Client, { aside, settled, seen }: Cursor): Promise<Row[]> {
  if (aside.length >= MOST_SET_ASIDE) return [];
  const known = seen.map(([id]) => id);
  return listRows(
    client,
    [
      ['id', '>', settled],
      ['id', 'not in', known],
    ],
    { limit: MOST_NEW },
  );
}

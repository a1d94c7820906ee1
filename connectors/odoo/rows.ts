import type { ContactCenterEvent } from '../../domain/events';
import { afterFailure, holds, readable, type SetAside } from '../shared/set-aside';
import type { Client } from './client';
import { changesOf, messagesOf, type Row } from './events';
import type { Tickets } from './tickets';

interface Reader {
  client: Client;
  tickets: Tickets;
  baseUrl: string;
}

interface Found {
  of: number;
  event: ContactCenterEvent;
}

/** What these mean for handoffs. What cannot be read is set aside, and for a while all that follows it in its ticket. */
export async function readRows(reader: Reader, rows: Row[], due: SetAside[], waiting: SetAside[], now: number) {
  const keys = await reader.tickets.keysOf([...new Set(rows.map((row) => row.res_id))]);
  const aside = [...waiting];
  const events: Found[] = [];
  const notifications: Row[] = [];
  let unreadable = 0;
  for (const row of rows) {
    const { id } = row;
    const caseKey = keys.get(row.res_id);
    if (caseKey === undefined) continue;
    const ticket = `${row.res_id}`;
    const tries = due.find((each) => each.id === id)?.tries ?? 0;
    const holding = aside.find((each) => holds(each, id, ticket));
    if (holding) aside.push({ id, ticket, tries, next: holding.next });
    else if (row.message_type === 'notification') notifications.push(row);
    else {
      const found = await readable(messageEvents(reader, row, caseKey));
      events.push(...(found ?? []));
      if (!found) aside.push(...afterFailure(id, ticket, tries, now));
      if (!found) unreadable++;
    }
  }
  events.push(...(await changeEvents(reader, notifications, keys)));
  return { events, aside: aside.sort((a, b) => a.id - b.id), unreadable };
}

async function messageEvents({ client, baseUrl }: Reader, row: Row, caseKey: string): Promise<Found[]> {
  const messages = await messagesOf(client, baseUrl, row);
  return messages.map((message) => ({ of: row.id, event: { type: 'agent-message', caseKey, message } }));
}

async function changeEvents({ tickets }: Reader, notifications: Row[], keys: Map<number, string>): Promise<Found[]> {
  const found = await tickets.readTickets([...new Set(notifications.map((row) => row.res_id))]);
  return found.flatMap((ticket) => {
    const its = notifications.filter((row) => row.res_id === ticket.id);
    return changesOf(its, ticket, keys.get(ticket.id)!);
  });
}

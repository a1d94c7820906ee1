import PQueue from 'p-queue';
import type { CaseRef } from '../../domain/handoff';
import type { ContactCenterEvent } from '../../domain/events';
import type { AgentMessage } from '../../domain/message';
import type { PollResult } from '../contact-center';
import { PAGE_SIZE, type Client } from './client';
import { advance, cursorAt, isNew, parseCursor, startOf, type Cursor } from './cursor';
import { eventCalls, listTransactions, type Transaction } from './events';
import type { Lookups } from './lookups';
import { afterFailure, dueOf, holds, MOST_SET_ASIDE, readable, type SetAside } from '../shared/set-aside';
import type { RequestTrackerSettings } from './settings';

/**
 * Asking for tickets alone lets the database leave out what our account may not see; a full page is then a full
 * page. An owner's change is recorded twice, as `Set` and as `SetWatcher`; one of them is enough.
 */
const RELEVANT = "(Type = 'Correspond' OR Type = 'Status' OR (Type = 'Set' AND Field = 'Owner'))";

/** One poll reads so many new transactions, which bounds its memory and time. */
const MOST_NEW = 20;

/** And tries so many again that could not be read before. */
const MOST_RETRIED = 5;

/** So many tickets are read at the same time, so that one that does not answer delays few others. */
const AT_ONCE = 4;

/** One feed for all tickets: Request Tracker numbers all that happens in one row. */
export function feedCalls(client: Client, lookups: Lookups, settings: RequestTrackerSettings, account: string) {
  const { eventsOf, messagesOf } = eventCalls(client, lookups, settings, account);

  async function start(): Promise<string> {
    const latest = await listTransactions(client, RELEVANT, { order: 'DESC' });
    const numbers = latest.map(({ id }) => id).reverse();
    return JSON.stringify(cursorAt(numbers, Date.now()));
  }

  async function read(text: string): Promise<PollResult> {
    const cursor = parseCursor(text);
    const now = Date.now();
    const { found, fresh, more } = await nextOf(client, cursor);
    const allDue = dueOf(cursor.aside, now);
    const due = allDue.slice(0, MOST_RETRIED);
    const waiting = cursor.aside.filter((each) => !due.includes(each));
    const again =
      due.length > 0 ? await listTransactions(client, `(${due.map(({ id }) => `id = ${id}`).join(' OR ')})`) : [];
    const rounds = ticketsOf([...again, ...fresh]).map((ticket) => () => readTicket(ticket, due, waiting, now));
    const results = await new PQueue({ concurrency: AT_ONCE }).addAll(rounds);
    const aside = [...waiting, ...results.flatMap((result) => result.aside)].sort((a, b) => a.id - b.id);
    const unreadable = results.reduce((sum, result) => sum + result.failed, 0);
    const events = results.flatMap((result) => result.events).sort((a, b) => a.of - b.of);
    return {
      events: events.map(({ event }) => event),
      cursor: JSON.stringify({ ...(found ? advance(cursor, found, now) : cursor), aside }),
      more: more || allDue.length > due.length,
      ...(unreadable > 0 && { unreadable }),
    };
  }

  /** Reads one ticket's transactions in their order. What cannot be read is set aside, and for a while all after it. */
  async function readTicket(happened: Transaction[], due: SetAside[], waiting: SetAside[], now: number) {
    const result: TicketResult = { events: [], aside: [], failed: 0 };
    for (const one of happened) {
      const { id, ObjectId: ticket } = one;
      const tries = due.find((each) => each.id === id)?.tries ?? 0;
      const holding = [...waiting, ...result.aside].find((each) => holds(each, id, ticket));
      const events = holding ? undefined : await readable(eventsOf(one));
      if (events) result.events.push(...events.map((event) => ({ of: id, event })));
      else if (holding) result.aside.push({ id, ticket, tries, next: holding.next });
      else {
        result.failed++;
        result.aside.push(...afterFailure(id, ticket, tries, now));
      }
    }
    return result;
  }

  /** `12.1` is the second message of transaction 12. */
  async function agentMessages({ id: ticket }: CaseRef, ids: string[]): Promise<AgentMessage[]> {
    const numbers = [...new Set(ids.map((id) => id.split('.')[0]!))].filter((number) => /^\d+$/.test(number));
    const messages: AgentMessage[] = [];
    for (let i = 0; i < numbers.length; i += MOST_NEW) {
      const some = numbers.slice(i, i + MOST_NEW).map((number) => `id = ${number}`);
      const where = `ObjectId = ${Number(ticket)} AND Type = 'Correspond' AND (${some.join(' OR ')})`;
      for (const one of await listTransactions(client, where)) messages.push(...(await messagesOf(one)));
    }
    return messages.filter(({ id }) => ids.includes(id));
  }

  return { start, read, agentMessages };
}

interface TicketResult {
  events: { of: number; event: ContactCenterEvent }[];
  aside: SetAside[];
  failed: number;
}

/**
 * From the cursor's start on, all up to the first page that holds something new, and of that at most so much as one poll
 * reads. While too much is set aside, nothing new.
 */
async function nextOf(client: Client, cursor: Cursor) {
  const found: Transaction[] = [];
  if (cursor.aside.length >= MOST_SET_ASIDE) return { fresh: [], more: false };
  for (;;) {
    const from = found.at(-1)?.id ?? startOf(cursor);
    const items = await listTransactions(client, `${RELEVANT} AND id > ${from}`);
    found.push(...items);
    const fresh = found.filter(({ id }) => isNew(cursor, id));
    const isLast = items.length < PAGE_SIZE;
    if (!isLast && fresh.length === 0) continue;
    const last = fresh[MOST_NEW - 1]?.id ?? Infinity;
    return {
      found: found.map(({ id }) => id).filter((id) => id <= last),
      fresh: fresh.slice(0, MOST_NEW),
      more: !isLast || fresh.length > MOST_NEW,
    };
  }
}

/** Transactions by their ticket, in their order. */
function ticketsOf(transactions: Transaction[]): Transaction[][] {
  const tickets = new Map<string, Transaction[]>();
  for (const one of transactions.toSorted((a, b) => a.id - b.id)) {
    tickets.set(one.ObjectId, [...(tickets.get(one.ObjectId) ?? []), one]);
  }
  return [...tickets.values()];
}

import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { CaseRef, CloseReason } from '../../domain/handoff';
import type { CaseOpening, FoundCase } from '../contact-center';
import { VendorError } from '../shared/errors';
import { singleLine } from '../shared/text';
import { trimmed } from '../shared/url-setting';
import { PAGE_SIZE, type Client } from './client';
import { keyPrefix, ticketAnswer, unlessHidden, valueOf, type Lookups } from './lookups';
import { openingText } from '../shared/opening';
import { requestorOf } from './requestor';
import type { RequestTrackerSettings } from './settings';

const created = z.object({ id: z.coerce.string() });
const foundTicket = ticketAnswer.pick({ id: true, Status: true, CustomFields: true });
const queueAnswer = z.object({ TicketCustomFields: z.array(z.object({ name: z.string() })).catch([]) });

/** What changed, one sentence each, in the language of our account: an update that failed answers 200 as well. */
const changes = z.array(z.string());

/** Tickets as cases: opened, found by their key, closed. */
export function caseCalls(client: Client, lookups: Lookups, settings: RequestTrackerSettings) {
  const { customField, closedStatuses } = settings;
  const refOf = (id: string): CaseRef => ({ id, url: `${trimmed(settings.baseUrl)}/Ticket/Display.html?id=${id}` });
  const checkQueue = queueCheck(client, settings);

  async function findTickets(query: string, page = 1) {
    const params = { query, fields: 'Status,CustomFields', orderby: 'id', per_page: PAGE_SIZE, page };
    const items = await client.list('finding a ticket', '/tickets', foundTicket, params);
    return items.map(({ id, Status, CustomFields }) => ({
      id,
      status: Status,
      key: valueOf(CustomFields, customField),
    }));
  }

  async function findCase(key: string): Promise<FoundCase | undefined> {
    // The search ignores case; a key does not.
    const tickets = (await findTickets(`CF.{${customField}} = ${quoted(key)}`)).filter((ticket) => ticket.key === key);
    const isClosed = ({ status }: { status: string }) => closedStatuses.includes(status);
    const ticket = tickets.find((each) => !isClosed(each)) ?? tickets[0];
    return ticket && { ref: refOf(ticket.id), status: isClosed(ticket) ? 'closed' : 'open' };
  }

  async function openCase(opening: CaseOpening): Promise<CaseRef> {
    const queue = opening.queue ?? settings.queue;
    await checkQueue(queue);
    const body = {
      Queue: queue,
      Subject: singleLine(opening.subject),
      Requestor: await requestorOf(client, lookups, opening.customer, settings),
      Priority: settings.priorities[opening.priority],
      Content: openingText(opening),
      ContentType: 'text/plain; charset=utf-8',
      CustomFields: { [customField]: opening.key },
    };
    const { id } = await client.send('creating a ticket', 'POST', '/ticket', body, created);
    if ((await lookups.ticket(id)).key === opening.key) return refOf(id);
    await discard(client, id);
    throw rejected(keyNotKept(queue, settings));
  }

  async function close({ id }: CaseRef, _reason: CloseReason): Promise<void> {
    const isClosed = async () => closedStatuses.includes((await lookups.ticket(id)).status);
    if (await isClosed()) return;
    const [status] = closedStatuses;
    const said = await client.send('closing a ticket', 'PUT', ticketPath(id), { Status: status }, changes);
    if (await isClosed()) return;
    throw new VendorError('unauthorized', `Request Tracker: ticket ${id} did not close: ${said.join(' ')}`);
  }

  /** By the keys of this account, so that others in the same Request Tracker do not use up the limit. */
  async function listOpen(account: string, limit: number): Promise<{ key: string; ref: CaseRef }[]> {
    const prefix = keyPrefix(account);
    const isOpen = closedStatuses.map((status) => `AND Status != ${quoted(status)}`).join(' ');
    const found: { key: string; ref: CaseRef }[] = [];
    for (let page = 1; found.length < limit; page++) {
      const tickets = await findTickets(`CF.{${customField}} STARTSWITH ${quoted(prefix)} ${isOpen}`, page);
      found.push(...tickets.flatMap(({ id, key }) => (key?.startsWith(prefix) ? [{ key, ref: refOf(id) }] : [])));
      if (tickets.length < PAGE_SIZE) break;
    }
    return found.slice(0, limit);
  }

  return { findCase, openCase, close, listOpen };
}

/** Where the field is missing, Request Tracker drops the key without an error and every event of the ticket is lost. */
function queueCheck(client: Client, settings: RequestTrackerSettings) {
  const checked = new LRUCache<string, true>({ max: 1_000, ttl: 10 * 60_000 });
  return async (queue: string): Promise<void> => {
    if (checked.has(queue)) return;
    const found = await unlessHidden(client.get('reading a queue', `/queue/${encodeURIComponent(queue)}`, queueAnswer));
    if (!found) throw rejected(`there is no queue '${queue}' that '${settings.username}' may see`);
    const names = found.TicketCustomFields.map(({ name }) => name);
    if (!names.includes(settings.customField)) throw rejected(fieldMissing(queue, settings));
    checked.set(queue, true);
  };
}

/** Best effort: a ticket whose answers reach nobody must not wait in the agents' queue. */
async function discard(client: Client, id: string): Promise<void> {
  await client
    .send('discarding a ticket', 'PUT', ticketPath(id), { Status: 'rejected' }, changes)
    .catch(() => undefined);
}

function fieldMissing(queue: string, { customField, username }: RequestTrackerSettings): string {
  return (
    `the queue '${queue}' has no ticket custom field '${customField}' that '${username}' may see; create it ` +
    `(Admin > Custom Fields, type 'Enter one value', applies to Tickets), apply it to the queue and grant ` +
    `'${username}' SeeCustomField and ModifyCustomField`
  );
}

function keyNotKept(queue: string, { customField, username }: RequestTrackerSettings): string {
  return (
    `a new ticket in '${queue}' did not keep its '${customField}'; grant '${username}' ModifyCustomField ` +
    `and ModifyTicket there, and let the field hold any text`
  );
}

function rejected(why: string): VendorError {
  return new VendorError('rejected', `Request Tracker: ${why}`);
}

/** A string in the ticket query language. */
function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

function ticketPath(id: string): string {
  return `/ticket/${encodeURIComponent(id)}`;
}

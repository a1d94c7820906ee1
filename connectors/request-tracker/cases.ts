import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { transcriptLines } from '../../domain/transcript';
import type { CaseRef } from '../../domain/handoff';
import type { CaseOpening } from '../contact-center';
import { VendorError } from '../shared/errors';
import { pageOf, type Client } from './client';
import { customerAddress, requestor } from './customer';
import { ticketAnswer, unlessHidden, valueOf, type Lookups } from './lookups';
import type { RequestTrackerSettings } from './settings';

const created = z.object({ id: z.coerce.string() });
const foundTicket = ticketAnswer.pick({ id: true, CustomFields: true });
const queueAnswer = z.object({ TicketCustomFields: z.array(z.object({ name: z.string() })).catch([]) });

/** What changed, one sentence each, in the language of our account: an update that failed answers 200 as well. */
const changes = z.array(z.string());

/** Tickets as cases: opened, found by their key, closed. */
export function caseCalls(client: Client, lookups: Lookups, settings: RequestTrackerSettings) {
  const checkedQueues = new LRUCache<string, true>({ max: 1_000, ttl: 10 * 60_000 });
  const refOf = (id: string): CaseRef => ({ id, url: `${trimmed(settings.baseUrl)}/Ticket/Display.html?id=${id}` });

  async function findCase(key: string): Promise<CaseRef | undefined> {
    const query = { query: `CF.{${settings.customField}} = ${quoted(key)}`, fields: 'CustomFields', orderby: 'id' };
    const { items } = await client.get('finding a ticket', '/tickets', pageOf(foundTicket), query);
    // The search knows no case of letters; a key does.
    const ticket = items.find(({ CustomFields }) => valueOf(CustomFields, settings.customField) === key);
    return ticket && refOf(ticket.id);
  }

  /** Where the field is missing, Request Tracker drops the key without a word and every event of the ticket is lost. */
  async function requireCustomField(queue: string): Promise<void> {
    if (checkedQueues.has(queue)) return;
    const found = await unlessHidden(client.get('reading a queue', `/queue/${encodeURIComponent(queue)}`, queueAnswer));
    if (!found) throw refused(`there is no queue '${queue}' that '${settings.username}' may see`);
    const names = found.TicketCustomFields.map(({ name }) => name);
    if (!names.includes(settings.customField)) throw refused(fieldMissing(queue, settings));
    checkedQueues.set(queue, true);
  }

  async function openCase(opening: CaseOpening): Promise<CaseRef> {
    const existing = await findCase(opening.key);
    if (existing) return existing;
    const queue = opening.queue ?? settings.queue;
    await requireCustomField(queue);
    const body = await newTicket(client, lookups, opening, queue, settings);
    const { id } = await client.send('creating a ticket', 'POST', '/ticket', body, created);
    if ((await lookups.ticket(id)).key === opening.key) return refOf(id);
    await discard(client, id);
    throw refused(keyNotKept(queue, settings));
  }

  async function close({ id }: CaseRef): Promise<void> {
    const isClosed = async () => settings.closedStatuses.includes((await lookups.ticket(id)).status);
    if (await isClosed()) return;
    const [status] = settings.closedStatuses;
    const said = await client.send('closing a ticket', 'PUT', ticketPath(id), { Status: status }, changes);
    if (await isClosed()) return;
    throw new VendorError('unauthorized', `Request Tracker: ticket ${id} did not close: ${said.join(' ')}`);
  }

  return { findCase, openCase, close };
}

async function newTicket(
  client: Client,
  lookups: Lookups,
  opening: CaseOpening,
  queue: string,
  settings: RequestTrackerSettings,
) {
  const { key, subject, priority, customer } = opening;
  return {
    Queue: queue,
    Subject: subject.replace(/\s+/g, ' '),
    Requestor: requestor(customer, await customerAddress(client, lookups, customer, settings)),
    Priority: settings.priorities[priority],
    Content: openingText(opening),
    ContentType: 'text/plain; charset=utf-8',
    CustomFields: { [settings.customField]: key },
  };
}

/** What the agent reads first: summary, facts, transcript. */
export function openingText({ summary, customer, language, tags, attributes, transcript }: CaseOpening): string {
  const facts = [
    ['Customer', [customer.name, customer.email, customer.phone].filter(Boolean).join(', ')],
    ['Language', customer.language ?? language],
    ['Tags', tags.join(', ')],
    ...Object.entries(attributes),
  ].flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  // A platform's attributes may repeat what is a fact of its own already.
  const once = facts.filter((fact, i) => facts.findIndex((other) => sameLetters(other, fact)) === i);
  return [summary, once.join('\n'), transcriptLines(transcript).join('\n')].filter(Boolean).join('\n\n');
}

function sameLetters(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
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

function refused(why: string): VendorError {
  return new VendorError('rejected', `Request Tracker: ${why}`);
}

/** A string in the ticket query language. */
export function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

function ticketPath(id: string): string {
  return `/ticket/${encodeURIComponent(id)}`;
}

function trimmed(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, '');
}

import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { handoffId } from '../../domain/ids';
import { VendorError } from '../shared/errors';
import type { Client } from './client';
import { keyOf } from './external-id';

export const TICKET = 'helpdesk.ticket';

/** Odoo writes `false` where a field has no value. */
const ticket = z.object({
  id: z.int(),
  closed: z.boolean(),
  closed_date: z.union([z.string(), z.literal(false)]),
  partner_id: z.union([z.tuple([z.int(), z.string()]), z.literal(false)]),
});
export type Ticket = z.output<typeof ticket>;
const FIELDS = Object.keys(ticket.shape);
const numbered = z.object({ id: z.int() });
const externalIds = z.record(z.string(), z.string());

/** Reads of tickets. */
export function ticketReads(client: Client, account: string) {
  /** An external id stays. */
  const keys = new LRUCache<number, string>({ max: 10_000 });
  const prefix = handoffId({ account, conversationId: '' });

  async function readTickets(ids: number[]): Promise<Ticket[]> {
    if (ids.length === 0) return [];
    return client.search('reading tickets', TICKET, { domain: [['id', 'in', ids]], fields: FIELDS }, ticket);
  }

  async function readTicket(id: string): Promise<Ticket> {
    const [found] = await readTickets([numberOf(id)]);
    if (!found) throw new VendorError('not-found', `Odoo: there is no ticket ${numberOf(id)}`);
    return found;
  }

  /** The keys of those tickets that are this account's cases. */
  async function keysOf(ids: number[]): Promise<Map<number, string>> {
    const unknown = ids.filter((id) => !keys.has(id));
    const found = unknown.length > 0 ? await readExternalIds(client, unknown) : {};
    for (const [id, externalId] of Object.entries(found)) {
      const key = keyOf(externalId);
      if (key?.startsWith(prefix)) keys.set(Number(id), key);
    }
    return new Map(
      ids.flatMap((id) => {
        const key = keys.get(id);
        return key === undefined ? [] : [[id, key] as const];
      }),
    );
  }

  return { readTickets, readTicket, keysOf };
}

export type Tickets = ReturnType<typeof ticketReads>;

/** Asked of tickets that are there: for one that was deleted meanwhile, Odoo would refuse them all. */
async function readExternalIds(client: Client, ids: number[]): Promise<Record<string, string>> {
  const search = { domain: [['id', 'in', ids]], fields: ['id'] };
  const there = await client.search('finding tickets', TICKET, search, numbered);
  if (there.length === 0) return {};
  const args = { ids: there.map(({ id }) => id) };
  return client.read('reading keys', `${TICKET}/get_external_id`, args, externalIds);
}

/** A case's id as the number it is. */
export function numberOf(id: string): number {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw new VendorError('not-found', 'Odoo: a ticket has a number');
}

import { z } from 'zod';
import type { CaseRef, CloseReason } from '../../domain/handoff';
import type { CaseOpening, FoundCase } from '../contact-center';
import { VendorError } from '../shared/errors';
import { openingText } from '../shared/opening';
import { singleLine } from '../shared/text';
import { trimmed } from '../shared/url-setting';
import type { Client } from './client';
import { contactIdOf, externalIdOf } from './external-id';
import { textToHtml } from './html';
import { findLoaded, load } from './load';
import type { OdooSettings } from './settings';
import { numberOf, TICKET, type Tickets } from './tickets';

const CONTACT = 'res.partner';
const PAGE_SIZE = 500;
const numbered = z.object({ id: z.int() });

/** Tickets as cases: opened, found by their key, closed. */
export function caseCalls(client: Client, tickets: Tickets, settings: OdooSettings, account: string) {
  const refOf = (id: number): CaseRef => ({ id: `${id}`, url: `${trimmed(settings.baseUrl)}/odoo/${TICKET}/${id}` });

  async function findCase(key: string): Promise<FoundCase | undefined> {
    const id = await findLoaded(client, TICKET, externalIdOf(key));
    if (id === undefined) return undefined;
    const { closed } = await tickets.readTicket(`${id}`);
    return { ref: refOf(id), status: closed ? 'closed' : 'open' };
  }

  async function openCase(opening: CaseOpening): Promise<CaseRef> {
    const contact = await contactOf(client, account, opening);
    const values = ticketOf(opening, contact, settings);
    const findOther = () => findByContact(contact, opening.key);
    return refOf(await load(client, TICKET, externalIdOf(opening.key), values, findOther));
  }

  /** Reads alone, which do not get in each other's way. */
  async function findByContact(contact: number, key: string): Promise<number | undefined> {
    const search = { domain: [['partner_id', '=', contact]], fields: ['id'] };
    const found = await client.search("finding a contact's tickets", TICKET, search, numbered);
    const keys = await tickets.keysOf(found.map(({ id }) => id));
    return [...keys].find(([, its]) => its === key)?.[0];
  }

  async function close({ id }: CaseRef, _reason: CloseReason): Promise<void> {
    if ((await tickets.readTicket(id)).closed) return;
    const args = { ids: [numberOf(id)], vals: { stage_id: await closedStage(client, settings) } };
    await client.call('closing a ticket', `${TICKET}/write`, args, z.literal(true));
  }

  async function listOpen(limit: number): Promise<{ key: string; ref: CaseRef }[]> {
    const own = [
      ['closed', '=', false],
      ['create_uid', '=', await client.ownUser()],
    ];
    const found: { key: string; ref: CaseRef }[] = [];
    for (let after = 0; found.length < limit;) {
      const search = { domain: [...own, ['id', '>', after]], fields: ['id'], limit: PAGE_SIZE };
      const page = (await client.search('listing open tickets', TICKET, search, numbered)).map(({ id }) => id);
      for (const [id, key] of await tickets.keysOf(page)) found.push({ key, ref: refOf(id) });
      if (page.length < PAGE_SIZE) break;
      after = page.at(-1)!;
    }
    return found.slice(0, limit);
  }

  return { findCase, openCase, close, listOpen };
}

/** The contact of an end user, who has one for all conversations. */
async function contactOf(client: Client, account: string, { customer }: CaseOpening): Promise<number> {
  const externalId = contactIdOf(account, customer.id);
  const find = async () => {
    const search = { domain: [['ref', '=', externalId]], fields: ['id'], limit: 1 };
    return (await client.search('finding a contact', CONTACT, search, numbered))[0]?.id;
  };
  const phone = customer.phone && singleLine(customer.phone);
  // Without an email address: Odoo would send each answer there as well.
  const values = { name: singleLine(customer.name ?? '') || 'End user', ref: externalId, ...(phone && { phone }) };
  return (await find()) ?? load(client, CONTACT, externalId, values, find);
}

function ticketOf(opening: CaseOpening, contact: number, settings: OdooSettings) {
  return {
    name: singleLine(opening.subject) || 'Conversation',
    description: textToHtml(openingText(opening)),
    'partner_id/.id': contact,
    priority: settings.priorities[opening.priority],
    // Left out, a team's rule would assign the ticket to the service itself.
    'user_id/.id': '',
    team_id: opening.queue ?? settings.team ?? '',
  };
}

async function closedStage(client: Client, { closedStage: name }: OdooSettings): Promise<number> {
  const domain = [['closed', '=', true], ...(name ? [['name', '=', name]] : [])];
  const search = { domain, fields: ['id'], order: 'sequence asc, id asc', limit: 1 };
  const [stage] = await client.search('finding a stage', 'helpdesk.ticket.stage', search, numbered);
  if (stage) return stage.id;
  const which = name ? ` '${name}'` : '';
  throw new VendorError('rejected', `Odoo: no stage${which} counts as closed; create one in Helpdesk > Configuration`);
}

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CaseOpening } from '../contact-center';
import type { Client } from './client';
import { unlessHidden, type Lookups, type User } from './lookups';
import { isSafeAddress } from './mail';
import type { RequestTrackerSettings } from './settings';

type Customer = CaseOpening['customer'];

const foundUser = z.object({ id: z.coerce.string() });

/**
 * The address Request Tracker is to know a customer by. Bots pass on what end users type, so an address that
 * belongs to a user with rights is not taken: it would let an end user write in an agent's name.
 */
export async function customerAddress(
  client: Client,
  lookups: Lookups,
  { id, email }: Customer,
  { customerEmailDomain }: RequestTrackerSettings,
): Promise<string> {
  if (email && isSafeAddress(email) && !(await belongsToStaff(client, lookups, email))) return email;
  return `${localPart(id)}@${customerEmailDomain}`;
}

async function belongsToStaff(client: Client, lookups: Lookups, email: string): Promise<boolean> {
  const condition = { field: 'EmailAddress', value: email };
  const found = await unlessHidden(client.search('finding a user', '/users', foundUser, [condition]));
  // Request Tracker takes an address for a user's name as well.
  const names = [email, ...(found ?? []).map((user) => user.id)];
  const users = await Promise.all(names.map((name) => lookups.user(name)));
  return users.some((user) => user?.privileged);
}

/** Addresses know no case of letters and few signs; ids do. */
function localPart(id: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(id)) return id;
  return `c-${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;
}

/** `"Name" <address>`, as mail headers write it. */
export function requestor({ name }: Customer, address: string): string {
  const shown = name?.replace(/\p{Cc}+/gu, ' ').trim();
  return shown ? `"${shown.replace(/[\\"]/g, '\\$&')}" <${address}>` : address;
}

/** The ticket's customer, if our messages can speak as that user. */
export async function customerOf(lookups: Lookups, requestors: string[]): Promise<User | undefined> {
  const user = requestors[0] === undefined ? undefined : await lookups.user(requestors[0]);
  return user && !user.privileged && isSafeAddress(user.email) ? user : undefined;
}

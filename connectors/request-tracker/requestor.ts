import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CaseOpening } from '../contact-center';
import { isSafeAddress } from '../shared/mail';
import { singleLine } from '../shared/text';
import type { Client } from './client';
import { unlessHidden, type Lookups, type User } from './lookups';
import type { RequestTrackerSettings } from './settings';

type EndUser = CaseOpening['customer'];

const foundUser = z.object({ id: z.coerce.string() });

/** The end user as a ticket's requestor: `"Name" <address>`, as mail headers write it. */
export async function requestorOf(
  client: Client,
  lookups: Lookups,
  endUser: EndUser,
  settings: RequestTrackerSettings,
): Promise<string> {
  const address = await addressOf(client, lookups, endUser, settings);
  const name = singleLine(endUser.name ?? '');
  return name ? `"${name.replace(/[\\"]/g, '\\$&')}" <${address}>` : address;
}

/**
 * The address Request Tracker is to know an end user by. Bots pass on what end users type, so an address that
 * belongs to a user with rights is not taken: it would let an end user write in an agent's name.
 */
async function addressOf(
  client: Client,
  lookups: Lookups,
  { id, email }: EndUser,
  { requestorEmailDomain }: RequestTrackerSettings,
): Promise<string> {
  if (email && isSafeAddress(email) && !(await belongsToStaff(client, lookups, email))) return email;
  return `${localPart(id)}@${requestorEmailDomain}`;
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

/** The ticket's requestor, if our messages can speak as that user. */
export async function speakingRequestor(lookups: Lookups, requestors: string[]): Promise<User | undefined> {
  const user = requestors[0] === undefined ? undefined : await lookups.user(requestors[0]);
  return user && !user.privileged && isSafeAddress(user.email) ? user : undefined;
}

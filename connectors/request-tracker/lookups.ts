import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { handoffId } from '../../domain/ids';
import { VendorError } from '../shared/errors';
import type { Client } from './client';
import type { RequestTrackerSettings } from './settings';

/** As much of a ticket as we read. */
export interface Ticket {
  id: string;
  status: string;
  subject: string;
  queue: string;
  /** The handoff's key; undefined in tickets that are not ours. */
  key?: string;
  /** Names of users. */
  requestors: string[];
}

export interface User {
  name: string;
  realName: string;
  email: string;
  /** Staff: allowed into more than the self-service pages. */
  privileged: boolean;
}

/** Reads of Request Tracker that repeat: what hardly changes is kept for a while. */
export interface Lookups {
  /** As it is at this moment. */
  ticket(id: string): Promise<Ticket>;
  /** What of a ticket hardly changes; undefined where it is gone or not ours to see. */
  knownTicket(id: string): Promise<Omit<Ticket, 'status'> | undefined>;
  /** By name or number; undefined where there is none or it may not be seen. */
  user(nameOrId: string): Promise<User | undefined>;
}

const KEPT = { max: 5_000, ttl: 5 * 60_000 };

const reference = z.object({ id: z.coerce.string() });

const customFieldValue = z.object({ name: z.string(), values: z.array(z.string()) });

export const ticketAnswer = z.object({
  id: z.coerce.string(),
  Status: z.string(),
  Subject: z.string().nullish(),
  Queue: reference,
  Requestor: z.array(reference).catch([]),
  CustomFields: z.array(customFieldValue).catch([]),
});

const userAnswer = z.object({
  Name: z.string(),
  RealName: z.string().nullish(),
  EmailAddress: z.string().nullish(),
  Privileged: z.coerce.number().catch(0),
});

export function createLookups(client: Client, { customField }: RequestTrackerSettings): Lookups {
  async function ticket(id: string): Promise<Ticket> {
    const answer = await client.get('reading a ticket', `/ticket/${encodeURIComponent(id)}`, ticketAnswer);
    return {
      id: answer.id,
      status: answer.Status,
      subject: answer.Subject ?? '',
      queue: answer.Queue.id,
      key: valueOf(answer.CustomFields, customField),
      requestors: answer.Requestor.map((requestor) => requestor.id),
    };
  }

  async function user(nameOrId: string): Promise<User | undefined> {
    if (nameOrId === '') return undefined;
    const path = `/user/${encodeURIComponent(nameOrId)}`;
    const answer = await unlessHidden(client.get('reading a user', path, userAnswer));
    if (!answer) return undefined;
    const { Name: name, RealName: realName, EmailAddress: email, Privileged: privileged } = answer;
    return { name, realName: realName || name, email: email ?? '', privileged: privileged === 1 };
  }

  return { ticket, knownTicket: kept((id) => unlessHidden(ticket(id))), user: kept(user) };
}

/** What the keys of an account's cases begin with. */
export function keyPrefix(account: string): string {
  return handoffId({ account, conversationId: '' });
}

/** The value of a custom field that has one. */
export function valueOf(fields: z.output<typeof customFieldValue>[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.values[0];
}

/** What does not exist, and what our account may not see, is as good as not there; only Request Tracker itself can say so. */
export async function unlessHidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    if (error.kind === 'not-found') return undefined;
    if (error.kind === 'unauthorized' && error.details.status === 403) return undefined;
    throw error;
  }
}

/** Reads at most once at a time for one id. What is not there is asked for again: it may come at any moment. */
function kept<T extends object>(read: (id: string) => Promise<T | undefined>) {
  const cache = new LRUCache<string, T>({ ...KEPT, fetchMethod: read });
  return (id: string): Promise<T | undefined> => cache.fetch(id);
}

import { z } from 'zod';
import { currentCallContext } from './call-context';
import { VendorError } from './errors';

/**
 * An item of a feed that could not be read, or that waits behind one of its ticket. It is tried again with growing pauses,
 * so that it never stops the others.
 */
export const setAsideSchema = z.object({
  id: z.int(),
  ticket: z.string(),
  /** How often it failed; 0 where it waits for another. */
  tries: z.int().nonnegative(),
  /** When it is tried next, epoch ms. */
  next: z.number(),
});
export type SetAside = z.output<typeof setAsideSchema>;

/** While there are so many, nothing new is read: dropping one would lose a message. */
export const MOST_SET_ASIDE = 500;

/** So often the later items of a ticket wait for one that fails, so that order is kept over short failures. */
const TRIES_IN_ORDER = 3;

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/** About a week: by then nobody waits for it. */
const MOST_TRIES = 170;

/** Empty after the last try. */
export function afterFailure(id: number, ticket: string, failures: number, now: number): SetAside[] {
  const tries = failures + 1;
  const next = now + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 5 ** (tries - 1));
  return tries < MOST_TRIES ? [{ id, ticket, tries, next }] : [];
}

/** Whether this item of a ticket has to wait for the one that is set aside. */
export function holds(aside: SetAside, id: number, ticket: string): boolean {
  return aside.ticket === ticket && aside.id < id && aside.tries < TRIES_IN_ORDER;
}

/** Those whose time has come, oldest first. */
export function dueOf(aside: SetAside[], now: number): SetAside[] {
  return aside.filter(({ next }) => next <= now);
}

/** Undefined where one item cannot be read. What concerns all of them, or ends the poll, is thrown. */
export async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof VendorError) || currentCallContext()?.signal.aborted) throw error;
    if (error.details.status === 401 || error.kind === 'rate-limited') throw error;
    return undefined;
  }
}

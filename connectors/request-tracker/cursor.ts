import { z } from 'zod';

/**
 * Where reading goes on. Transactions are numbered when they begin and seen when they are committed, so a lower
 * number can appear after a higher one: numbers that were passed over are asked for again for a while.
 */
export interface Cursor {
  /** The highest number read. */
  after: number;
  /** Numbers below it that were not there, each with the time (epoch ms) it was first missed. */
  missing: [id: number, since: number][];
}

/** Longer than a transaction of Request Tracker stays open: its web server gives up on a request before. */
const MISSED_FOR_MS = 60_000;

/** Most gaps are numbers of other objects, which never come; only the latest can still be late. */
const MOST_MISSING = 500;

const schema = z.object({
  after: z.int().nonnegative(),
  missing: z.array(z.tuple([z.int(), z.number()])),
});

export function parseCursor(text: string): Cursor {
  return schema.parse(JSON.parse(text));
}

/** Reading has to start after this number. */
export function startOf({ after, missing }: Cursor): number {
  return Math.min(after, ...missing.map(([id]) => id - 1));
}

/** Whether this number has not been read before. */
export function isNew({ after, missing }: Cursor, id: number): boolean {
  return id > after || missing.some(([missed]) => missed === id);
}

/** The cursor after these numbers were found, which is all there was from {@link startOf} to the last of them. */
export function advance({ after, missing }: Cursor, found: number[], now: number): Cursor {
  const seen = new Set(found);
  const last = Math.max(after, ...found);
  const first = Math.max(after + 1, last - MOST_MISSING);
  const skipped = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).filter((id) => !seen.has(id));
  const still = missing.filter(([id, since]) => !seen.has(id) && now - since < MISSED_FOR_MS);
  const all = [...still, ...skipped.map((id): [number, number] => [id, now])];
  return { after: last, missing: all.slice(-MOST_MISSING) };
}

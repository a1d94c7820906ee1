import { z } from 'zod';
import { setAsideSchema } from '../shared/set-aside';

/**
 * Where reading goes on. Messages are numbered when they are written and visible when they are committed, so a lower
 * number can appear after a higher one: for a while, all above `settled` is asked for but what was seen.
 */
const schema = z.object({
  /** At and below this number nothing new appears any more. */
  settled: z.int().nonnegative(),
  /** Numbers above it that were read, ascending, each with the time (epoch ms) of reading. */
  seen: z.array(z.tuple([z.int(), z.number()])),
  /** Messages that could not be read yet. */
  aside: z.array(setAsideSchema),
});
export type Cursor = z.output<typeof schema>;

/** Odoo's server ends a request before. */
const UNSETTLED_MS = 120_000;

/** Far more than busy agents write in that time. */
const MOST_SEEN = 2_000;

export function parseCursor(text: string): Cursor {
  return schema.parse(JSON.parse(text));
}

/** The cursor that counts these numbers, the latest there are, as read. */
export function cursorAt(latest: number[], now: number): Cursor {
  const ascending = latest.toSorted((a, b) => a - b);
  const settled = ascending.length > 0 ? ascending[0]! - 1 : 0;
  return { settled, seen: ascending.map((id) => [id, now]), aside: [] };
}

/** The cursor after these were read too. */
export function advance(cursor: Cursor, ids: number[], now: number): Cursor {
  const fresh = ids.map((id): [number, number] => [id, now]);
  const seen = [...cursor.seen, ...fresh].sort(([a], [b]) => a - b);
  const old = seen.findLastIndex(([, at], i) => now - at >= UNSETTLED_MS || i < seen.length - MOST_SEEN);
  const settled = Math.max(cursor.settled, seen[old]?.[0] ?? 0);
  return { ...cursor, settled, seen: seen.slice(old + 1) };
}

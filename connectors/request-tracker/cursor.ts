import { z } from 'zod';
import { setAsideSchema } from '../shared/set-aside';

/**
 * Where reading goes on. Transactions are numbered when they begin and visible when they are committed, so a lower
 * number can appear after a higher one: numbers that were passed over are asked for again for a while.
 */
const schema = z.object({
  /** The highest number read. */
  after: z.int().nonnegative(),
  /** Ranges of numbers below it that were not there, ascending, each with the time (epoch ms) it was first missed. */
  missing: z.array(z.tuple([z.int(), z.int(), z.number()])),
  /** Transactions that could not be read yet. */
  aside: z.array(setAsideSchema),
});
export type Cursor = z.output<typeof schema>;
type Range = Cursor['missing'][number];

/** Longer than a transaction of Request Tracker stays open: its web server ends a request before. */
const MISSED_FOR_MS = 120_000;

/** Far more than a busy desk leaves in that time. */
const MOST_RANGES = 2_000;

export function parseCursor(text: string): Cursor {
  return schema.parse(JSON.parse(text));
}

/** The cursor that counts these numbers, the latest there are, as read. */
export function cursorAt(latest: number[], now: number): Cursor {
  const first = Math.min(...latest, Infinity);
  const before: Cursor = { after: latest.length > 0 ? first - 1 : 0, missing: [], aside: [] };
  return advance(before, latest, now);
}

/** Reading has to start after this number. */
export function startOf({ after, missing }: Cursor): number {
  return Math.min(after, ...missing.map(([from]) => from - 1));
}

/** Whether this number has not been read before. */
export function isNew({ after, missing }: Cursor, id: number): boolean {
  return id > after || missing.some(([from, to]) => from <= id && id <= to);
}

/** The cursor after these ascending numbers were found, which is all there was from {@link startOf} to the last of them. */
export function advance(cursor: Cursor, found: number[], now: number): Cursor {
  const { after, missing, aside } = cursor;
  const last = Math.max(after, found.at(-1) ?? 0);
  const still = missing.filter(([, , since]) => now - since < MISSED_FOR_MS);
  const ranges: Range[] = last > after ? [...still, [after + 1, last, now]] : still;
  return { after: last, missing: joined(without(ranges, found)), aside };
}

/** Ascending ranges without these ascending numbers. */
function without(ranges: Range[], found: number[]): Range[] {
  let next = 0;
  return ranges.flatMap(([from, to, since]) => {
    const left: Range[] = [];
    let start = from;
    while (next < found.length && found[next]! < from) next++;
    for (; next < found.length && found[next]! <= to; next++) {
      if (found[next]! > start) left.push([start, found[next]! - 1, since]);
      start = found[next]! + 1;
    }
    return start <= to ? [...left, [start, to, since] as Range] : left;
  });
}

/** Too many ranges become fewer and wider ones: what lies between is read once more, and nothing is lost. */
function joined(ranges: Range[]): Range[] {
  const excess = ranges.length - MOST_RANGES;
  if (excess <= 0) return ranges;
  const [first, last] = [ranges[0]!, ranges[excess]!];
  return [[first[0], last[1], last[2]], ...ranges.slice(excess + 1)];
}

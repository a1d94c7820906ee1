import { LRUCache } from 'lru-cache';

/** What fails again and again, in as many lines of the log as somebody may want to read. */

/** So many failures in a row leave the first line. */
export const FIRST_LINE = 3;
const WORTH_A_LINE = [FIRST_LINE, 10, 30, 100, 300];

/** A vendor that is down for a while is no news at each attempt, but somebody has to learn of it. */
export function isWorthALine(failures: number): boolean {
  return WORTH_A_LINE.includes(failures) || (failures > 0 && failures % 1_000 === 0);
}

/** Where much fails in the same way, one line in this time speaks for all. */
const SAME_FAILURE_MS = 10_000;
const recent = new LRUCache<string, { at: number; leftOut: number }>({ max: 1_000 });

/**
 * Undefined where there was a line about the same failure just now; else what the line is to say of those that were
 * left out since the last one.
 */
export function oncePerFailure(...same: string[]): { leftOut?: number } | undefined {
  const key = same.join(' ');
  const now = Date.now();
  const known = recent.get(key);
  if (known && now - known.at < SAME_FAILURE_MS) {
    known.leftOut++;
    return undefined;
  }
  recent.set(key, { at: now, leftOut: 0 });
  return known && known.leftOut > 0 ? { leftOut: known.leftOut } : {};
}

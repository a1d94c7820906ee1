/**
 * When each open conversation is read again. The cost follows activity and not the number of open handoffs: where
 * something was said lately, often; the longer it has been quiet, the more rarely; but none is forgotten.
 */
export interface Watched {
  handoffId: string;
  conversationId: string;
  /** Epoch ms of the latest sign of life that we know of. */
  activeAt: number;
}

interface Entry {
  readAt: number;
  nextAt: number;
  /** Reads that failed in a row: the time it is set aside grows. */
  failures: number;
}

/** A conversation that has been quiet for a time is read after this part of that time. */
const QUIET_PART = 1 / 10;
const LONGEST_PAUSE_MS = 60 * 60_000;

export class ReadingSchedule {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly every: number,
    private startedAt: number,
  ) {}

  /** Another session goes on with it: what it has not read yet is read from here on. */
  goOn(startedAt: number): void {
    this.startedAt = startedAt;
  }

  /** From when on some of them are still to be read: whoever goes on without this schedule begins there. */
  readUntil(open: Watched[], now: number): number {
    return open.reduce((earliest, one) => Math.min(earliest, this.readSince(one)), now);
  }

  /** Forgets what is not open any more. */
  keepOnly(open: Watched[]): void {
    const still = new Set(open.map(({ handoffId }) => handoffId));
    for (const id of this.entries.keys()) if (!still.has(id)) this.entries.delete(id);
  }

  /** Those that are due, the most overdue first; at most `limit`. */
  due(open: Watched[], now: number, limit: number): Watched[] {
    return open
      .map((one) => ({ one, overdue: now - this.nextAt(one, now) }))
      .filter(({ overdue }) => overdue >= 0)
      .sort((a, b) => b.overdue - a.overdue)
      .slice(0, limit)
      .map(({ one }) => one);
  }

  /** From when on messages have to be read: all since the last successful read. */
  readSince({ handoffId }: Watched): number {
    return this.entries.get(handoffId)?.readAt ?? this.startedAt;
  }

  read({ handoffId, activeAt }: Watched, startedAt: number): void {
    const quiet = Math.max(0, startedAt - activeAt);
    const pause = Math.min(Math.max(this.every, quiet * QUIET_PART), Math.max(this.every, LONGEST_PAUSE_MS));
    this.entries.set(handoffId, { readAt: startedAt, nextAt: startedAt + pause, failures: 0 });
  }

  /** It could not be read: others go on, and it is tried again after a growing pause. Answers how often in a row. */
  failed(one: Watched, now: number): number {
    const failures = (this.entries.get(one.handoffId)?.failures ?? 0) + 1;
    const pause = Math.min(this.every * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
    this.entries.set(one.handoffId, { readAt: this.readSince(one), nextAt: now + pause, failures });
    return failures;
  }

  /** A sign of life moves the next read forward. */
  private nextAt({ handoffId, activeAt }: Watched, now: number): number {
    const entry = this.entries.get(handoffId);
    if (!entry) return now - 1;
    const isFresh = activeAt > entry.readAt && entry.failures === 0;
    return isFresh ? Math.min(entry.nextAt, entry.readAt + this.every) : entry.nextAt;
  }
}

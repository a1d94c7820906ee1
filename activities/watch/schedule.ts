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
  /** All that was written before this time is known. */
  readAt: number;
  nextAt: number;
  /** How long it was to be left alone: what is overdue is measured by it. */
  pause: number;
  /** Of the latest message that reading has found. */
  saidAt: number;
  /** Reads that failed in a row: the time it is set aside grows. */
  failures: number;
}

/** A conversation that has been quiet for a time is read after this part of that time. */
const QUIET_PART = 1 / 10;
const LONGEST_PAUSE_MS = 60 * 60_000;
/** In a rush, such as after a restart, quiet ones are to wait; the longer they do, the sooner it is their turn. */
const QUIET_WEIGHT = 1 / 4;
/** Between being due and being read a batch of others passes. */
const ACTIVE_PART = 2 / 3;

export class ReadingSchedule {
  private readonly entries = new Map<string, Entry>();
  private lookedAt: number;

  /** @param startedAt what was written before is known, epoch ms */
  constructor(
    private readonly every: number,
    startedAt: number,
  ) {
    this.lookedAt = startedAt;
  }

  /** Forgets what is not open any more, and takes in what has been opened since it looked last. */
  update(open: Watched[], now: number): void {
    const still = new Set(open.map(({ handoffId }) => handoffId));
    for (const id of this.entries.keys()) if (!still.has(id)) this.entries.delete(id);
    const readAt = this.lookedAt;
    open
      .filter(({ handoffId }) => !this.entries.has(handoffId))
      .forEach(({ handoffId, activeAt }, i, fresh) => {
        const pause = this.pauseOf(activeAt, readAt);
        // Not all of them at once, then or ever after.
        const nextAt = readAt + pause * ((i + 1) / fresh.length);
        this.entries.set(handoffId, { readAt, pause, nextAt, saidAt: 0, failures: 0 });
      });
    this.lookedAt = now;
  }

  /** Those that are due, at most `limit`: first those that are most overdue for how often they are read. */
  due(open: Watched[], now: number, limit: number): Watched[] {
    const overdue = ({ handoffId, activeAt }: Watched) => {
      const { nextAt, pause } = this.plan(this.entries.get(handoffId)!, activeAt);
      return ((now - nextAt) / pause) * (pause > this.every ? QUIET_WEIGHT : 1);
    };
    return open
      .filter(({ handoffId }) => this.entries.has(handoffId))
      .map((one) => ({ one, overdue: overdue(one) }))
      .filter((each) => each.overdue >= 0)
      .sort((a, b) => b.overdue - a.overdue)
      .slice(0, limit)
      .map(({ one }) => one);
  }

  /** From when on messages have to be read: all since the last successful read. */
  readSince({ handoffId }: Watched): number {
    return this.entries.get(handoffId)?.readAt ?? this.lookedAt;
  }

  /** What was written before this time is known of all of them: where another schedule may go on. */
  knownUntil(): number {
    return Math.min(this.lookedAt, ...[...this.entries.values()].map(({ readAt }) => readAt));
  }

  /** `saidAt`: the time of the latest message that was found. */
  read({ handoffId, activeAt }: Watched, startedAt: number, saidAt = 0): void {
    const latest = Math.max(saidAt, this.entries.get(handoffId)?.saidAt ?? 0);
    const pause = this.pauseOf(Math.max(activeAt, latest), startedAt);
    this.entries.set(handoffId, { readAt: startedAt, nextAt: startedAt + pause, pause, saidAt: latest, failures: 0 });
  }

  /** It could not be read: others go on, and it is tried again after a growing pause. Answers how often in a row. */
  failed(one: Watched, now: number): number {
    const known = this.entries.get(one.handoffId);
    const failures = (known?.failures ?? 0) + 1;
    const pause = Math.min(this.every * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
    const saidAt = known?.saidAt ?? 0;
    this.entries.set(one.handoffId, { readAt: this.readSince(one), nextAt: now + pause, pause, saidAt, failures });
    return failures;
  }

  private pauseOf(activeAt: number, at: number): number {
    const quiet = Math.max(0, at - activeAt);
    return Math.min(Math.max(this.every * ACTIVE_PART, quiet * QUIET_PART), Math.max(this.every, LONGEST_PAUSE_MS));
  }

  /** A sign of life moves the next read forward. */
  private plan({ readAt, nextAt, pause, failures }: Entry, activeAt: number): { nextAt: number; pause: number } {
    const soon = this.every * ACTIVE_PART;
    const isFresh = activeAt > readAt && failures === 0 && readAt + soon < nextAt;
    return isFresh ? { nextAt: readAt + soon, pause: soon } : { nextAt, pause };
  }
}

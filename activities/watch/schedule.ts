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
  /** The latest sign of life that reading itself has shown. */
  activeAt: number;
  /** The latest successful read. */
  readAt: number;
  /** Undefined for never: it is due at once. */
  triedAt?: number;
  /** Reads that failed in a row: the time it is set aside grows. */
  failures: number;
}

interface Due {
  one: Watched;
  /** The time since it was tried, as a multiple of its pause. */
  late: number;
}

/** A conversation that has been quiet for a time is read after this part of that time. */
const QUIET_PART = 1 / 10;
/** Active ones are due a little early, so that they are read in time although others are read before them. */
const EARLY = 0.75;
const LONGEST_PAUSE_MS = 60 * 60_000;
/** However many are active, this part of the reads is left for the others. */
const QUIET_SHARE = 0.3;
/** A handoff is registered at most this long after its platform was read first. */
const REGISTERED_WITHIN_MS = 60 * 60_000;
/** How far a new schedule reads back at most: what cannot be read for days must not make all others be read over. */
const LONGEST_LOOKBACK_MS = 2 * LONGEST_PAUSE_MS;

export class ReadingSchedule {
  private readonly entries = new Map<string, Entry>();
  private lookedAt?: number;

  /** Nothing that was said before `startedAt` has to be read. */
  constructor(
    private readonly every: number,
    private readonly startedAt: number,
  ) {}

  /** Takes in what is newly open, and forgets what is not open any more. */
  keepOnly(open: Watched[], now: number): void {
    const still = new Set(open.map(({ handoffId }) => handoffId));
    for (const id of this.entries.keys()) if (!still.has(id)) this.entries.delete(id);
    const newSince = this.lookedAt === undefined ? this.startedAt : this.lookedAt - REGISTERED_WITHIN_MS;
    const readAt = Math.max(this.startedAt, newSince);
    for (const id of still) {
      if (!this.entries.has(id)) this.entries.set(id, { activeAt: 0, readAt, failures: 0 });
    }
    this.lookedAt = now;
  }

  /** Those that are due, at most `limit`: the active ones first, and the one that is late by the most of its pause. */
  due(open: Watched[], now: number, limit: number): Watched[] {
    const active: Due[] = [];
    const quiet: Due[] = [];
    for (const one of open) {
      const pause = this.pauseOf(one, now);
      const late = this.waited(one, now, pause) / pause;
      if (late < 1) continue;
      const isActive = pause <= this.every && !this.entries.get(one.handoffId)?.failures;
      (isActive ? active : quiet).push({ one, late });
    }
    const forQuiet = Math.max(Math.ceil(limit * QUIET_SHARE), limit - active.length);
    const chosenQuiet = latest(quiet, forQuiet);
    return [...latest(active, limit - chosenQuiet.length), ...chosenQuiet];
  }

  /** How long until the next is due; Infinity where nothing is open. */
  untilNext(open: Watched[], now: number): number {
    let least = Infinity;
    for (const one of open) {
      const pause = this.pauseOf(one, now);
      least = Math.min(least, pause - this.waited(one, now, pause));
    }
    return least;
  }

  /** From when on messages have to be read: all since the last successful read. */
  readSince({ handoffId }: Watched): number {
    return this.entries.get(handoffId)?.readAt ?? this.startedAt;
  }

  /** From when on another schedule has to read, so that it misses nothing that this one has not read yet. */
  unreadSince(now: number): number {
    const oldest = [...this.entries.values()].reduce((least, { readAt }) => Math.min(least, readAt), now);
    return Math.max(oldest, now - LONGEST_LOOKBACK_MS);
  }

  /** Something was said there at this time, or later. */
  active(handoffId: string, at: number): void {
    const entry = this.entries.get(handoffId);
    if (entry) entry.activeAt = Math.max(entry.activeAt, at);
  }

  read({ handoffId }: Watched, startedAt: number): void {
    const { activeAt = 0 } = this.entries.get(handoffId) ?? {};
    this.entries.set(handoffId, { activeAt, readAt: startedAt, triedAt: startedAt, failures: 0 });
  }

  /** It could not be read: others go on, and it is tried again after a growing pause. Answers how often in a row. */
  failed(one: Watched, now: number): number {
    const { activeAt = 0, failures = 0 } = this.entries.get(one.handoffId) ?? {};
    const entry = { activeAt, readAt: this.readSince(one), triedAt: now, failures: failures + 1 };
    this.entries.set(one.handoffId, entry);
    return entry.failures;
  }

  private waited({ handoffId }: Watched, now: number, pause: number): number {
    const { triedAt, readAt = this.startedAt } = this.entries.get(handoffId) ?? {};
    return triedAt === undefined ? Math.max(pause, now - readAt) : now - triedAt;
  }

  private pauseOf({ handoffId, activeAt }: Watched, now: number): number {
    const longest = Math.max(this.every, LONGEST_PAUSE_MS);
    const { failures = 0, activeAt: seenAt = 0 } = this.entries.get(handoffId) ?? {};
    if (failures > 0) return Math.min(this.every * 2 ** Math.min(failures - 1, 10), longest);
    const quietMs = now - Math.max(activeAt, seenAt);
    return Math.min(Math.max(this.every * EARLY, quietMs * QUIET_PART), longest);
  }
}

function latest(due: Due[], count: number): Watched[] {
  const sorted = due.sort((a, b) => b.late - a.late);
  return sorted.slice(0, count).map(({ one }) => one);
}

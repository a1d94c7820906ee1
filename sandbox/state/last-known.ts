import { setTimeout as sleep } from 'node:timers/promises';
import type { HandoffApi, HandoffReading } from '../handoff-api';

/** A handoff as it is now, or as it was when it could be read last. */
export type KnownHandoff = HandoffReading & {
  /** When it was read last, ISO 8601. Absent while it is up to date. */
  staleSince?: string;
};

interface Known {
  handoff: NonNullable<HandoffReading['handoff']>;
  at: string;
}

const KEPT_HANDOFFS = 500;
const NO_ANSWER = 'The API has not answered yet.';

/** Reads handoffs, and keeps what it has read for the time when the API, Temporal or the worker cannot be reached. */
export class LastKnown {
  private readonly known = new Map<string, Known>();
  private readonly inFlight = new Map<string, Promise<HandoffReading>>();
  private readonly problems = new Map<string, string>();
  private readonly stale = new Set<string>();

  /**
   * @param waitMs how long a reader waits for an answer before it gets what is known. It waits a shorter time for
   * answers that were late before, so that the page stays quick while something is away.
   */
  constructor(
    private readonly api: Pick<HandoffApi, 'read'>,
    private readonly waitMs = 2_000,
  ) {}

  /** @param isAway whether something is known to be away that the answer needs. */
  async read(id: string, isAway = false): Promise<KnownHandoff> {
    const isLate = isAway || this.stale.has(id);
    const reading = await within(isLate ? this.waitMs / 5 : this.waitMs, this.readOnce(id));
    const known = this.known.get(id);
    const isFresh = known !== undefined && Date.now() - Date.parse(known.at) < this.waitMs;
    if (reading && reading.problem === undefined) return this.fresh(id, reading);
    if (!reading && isFresh) return this.fresh(id, { handoff: known.handoff });
    this.stale.add(id);
    const problem = reading?.problem ?? this.problems.get(id) ?? NO_ANSWER;
    return known ? { handoff: known.handoff, staleSince: known.at, problem } : { problem };
  }

  private fresh(id: string, reading: HandoffReading): HandoffReading {
    this.stale.delete(id);
    return reading;
  }

  /** Readers that come while an answer is under way share it. */
  private readOnce(id: string): Promise<HandoffReading> {
    const underWay = this.inFlight.get(id);
    if (underWay) return underWay;
    const reading = this.api.read(id).then((result) => this.remember(id, result));
    this.inFlight.set(id, reading);
    const over = () => void this.inFlight.delete(id);
    reading.then(over, over);
    return reading;
  }

  private remember(id: string, reading: HandoffReading): HandoffReading {
    const { handoff, problem } = reading;
    this.problems.delete(id);
    if (problem !== undefined) this.problems.set(id, problem);
    else this.known.delete(id);
    if (handoff) this.known.set(id, { handoff, at: new Date().toISOString() });
    for (const kept of [this.known, this.problems, this.stale]) {
      for (const oldest of kept.keys()) if (kept.size > KEPT_HANDOFFS) kept.delete(oldest);
    }
    return reading;
  }
}

/** What the promise resolves with; undefined if it takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const timeout = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  return Promise.race([promise, timeout]).finally(() => timer.abort());
}

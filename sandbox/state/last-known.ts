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

  /** @param waitMs how long a reader waits for an answer before it gets what is known. */
  constructor(
    private readonly api: Pick<HandoffApi, 'read'>,
    private readonly waitMs = 2_000,
  ) {}

  async read(id: string): Promise<KnownHandoff> {
    const late = new AbortController();
    const timeout = sleep(this.waitMs, undefined, { signal: late.signal }).catch(() => undefined);
    const reading = await Promise.race([this.readOnce(id), timeout]);
    late.abort();
    if (reading && reading.problem === undefined) return reading;
    const problem = reading?.problem ?? this.problems.get(id) ?? NO_ANSWER;
    const known = this.known.get(id);
    return known ? { handoff: known.handoff, staleSince: known.at, problem } : { problem };
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
    for (const map of [this.known, this.problems]) {
      for (const oldest of map.keys()) if (map.size > KEPT_HANDOFFS) map.delete(oldest);
    }
    return reading;
  }
}

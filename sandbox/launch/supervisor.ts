import { setTimeout as sleep } from 'node:timers/promises';
import { KILLED, type Child } from './child';
import { ChildEnded } from './ready';

/** A process that has to run as long as `npm start` does. */
export interface ProcessSpec {
  name: string;
  /** @param again whether it has run before. */
  start: (again: boolean) => Child;
  /** Resolves once the process does its work. Rejects when it has ended or takes too long. */
  ready: (child: Child) => Promise<void>;
  /** Whether people may kill it to see what happens. Then it is started again, whoever has killed it. */
  killable?: boolean;
}

export interface ProcessView {
  name: string;
  /** `killed` until it is started again, `starting` until it does its work. */
  state: 'starting' | 'running' | 'killed';
  /** ISO 8601. */
  since: string;
  killable: boolean;
}

export interface ProcessEvent {
  /** ISO 8601. */
  at: string;
  process: string;
  event: 'killed' | 'ended' | 'restarted';
}

export interface ProcessesView {
  processes: ProcessView[];
  /** Oldest first. */
  events: ProcessEvent[];
}

interface Supervised extends ProcessSpec {
  child: Child;
  state: ProcessView['state'];
  since: Date;
}

interface Options {
  /** How long a killed process stays away. */
  pauseMs?: number;
  /** Says what happens, for the terminal. */
  report?: (line: string) => void;
}

const KEPT_EVENTS = 50;
/** What ends so soon after another process is back has most likely ended because that one was away. */
const AFTERMATH_MS = 20_000;

/** Runs processes, starts those again that somebody has killed, and fails when one ends by itself. */
export class Supervisor {
  /** Rejects with the reason when a process ends that nobody has killed, or one does not come back. */
  readonly failure: Promise<never>;
  private fail!: (reason: unknown) => void;
  private readonly supervised: Supervised[] = [];
  private readonly helpers = new Set<Child>();
  private readonly events: ProcessEvent[] = [];
  private stopping = false;
  private readonly pauseMs: number;
  private readonly report: (line: string) => void;

  constructor({ pauseMs = 3_000, report = () => undefined }: Options = {}) {
    this.pauseMs = pauseMs;
    this.report = report;
    this.failure = new Promise((_, reject) => (this.fail = reject));
    // Whoever waits for it gets the rejection; nobody has to.
    this.failure.catch(() => undefined);
  }

  /** Keeps a child that is meant to end by itself, such as a compiler, so that {@link stop} ends it too. */
  readonly addHelper = (child: Child): void => {
    this.helpers.add(child);
    const forget = () => void this.helpers.delete(child);
    child.ended.then(forget, forget);
  };

  /** Resolves when the process is ready. */
  async start(spec: ProcessSpec): Promise<void> {
    const supervised: Supervised = { ...spec, child: spec.start(false), state: 'starting', since: new Date() };
    this.supervised.push(supervised);
    this.watch(supervised);
    await spec.ready(supervised.child);
    this.enter(supervised, 'running');
  }

  /** Kills a process, which comes back after a pause. Answers whether there was such a process to kill. */
  kill(name: string): 'killed' | 'unknown' | 'not-running' {
    const supervised = this.supervised.find((one) => one.name === name && one.killable);
    if (!supervised) return 'unknown';
    if (supervised.state !== 'running') return 'not-running';
    this.enter(supervised, 'killed');
    this.record(name, 'killed');
    supervised.child.kill();
    return 'killed';
  }

  view(): ProcessesView {
    const processes = this.supervised.map(({ name, state, since, killable = false }) => {
      return { name, state, since: since.toISOString(), killable };
    });
    return { processes, events: [...this.events] };
  }

  /** Ends all processes, those first that were started last: they use the others. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const { child } of [...this.supervised].reverse()) await child.stop();
    await Promise.all([...this.helpers].map((helper) => helper.stop()));
  }

  private watch(supervised: Supervised): void {
    const { child } = supervised;
    child.ended.then((code) => this.hasEnded(supervised, code), this.fail).catch(this.fail);
  }

  private async hasEnded(supervised: Supervised, code: number): Promise<void> {
    if (this.stopping) return;
    if (supervised.state !== 'killed') {
      const killed = supervised.killable && code === KILLED;
      if (!killed && !this.isAftermath(supervised)) return this.fail(new ChildEnded(supervised.child, code));
      this.enter(supervised, 'killed');
      this.record(supervised.name, killed ? 'killed' : 'ended');
    }
    await sleep(this.pauseMs);
    await this.startAgain(supervised);
  }

  /** `stopping` may have changed during each pause. */
  private async startAgain(supervised: Supervised): Promise<void> {
    if (this.stopping) return;
    supervised.child = supervised.start(true);
    this.enter(supervised, 'starting');
    this.watch(supervised);
    await supervised.ready(supervised.child).catch((reason: unknown) => {
      if (!this.stopping) throw reason;
    });
    if (this.stopping) return;
    this.enter(supervised, 'running');
    this.record(supervised.name, 'restarted');
  }

  /** Whether another process is away, or was until a moment ago, because somebody has killed it. */
  private isAftermath(supervised: Supervised): boolean {
    const lately = Date.now() - AFTERMATH_MS;
    return this.supervised.some((other) => {
      if (other === supervised) return false;
      const event = this.events.findLast(({ process }) => process === other.name);
      return event !== undefined && (other.state !== 'running' || Date.parse(event.at) > lately);
    });
  }

  private enter(supervised: Supervised, state: ProcessView['state']): void {
    Object.assign(supervised, { state, since: new Date() });
  }

  private record(process: string, event: ProcessEvent['event']): void {
    this.events.push({ at: new Date().toISOString(), process, event });
    if (this.events.length > KEPT_EVENTS) this.events.shift();
    this.report(`${process} ${event === 'ended' ? 'ended because of that' : event}`);
  }
}

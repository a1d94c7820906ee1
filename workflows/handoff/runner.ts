import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { Handoff } from './handoff';
import { earliest, type Deadline } from './deadlines';
import { perform } from './perform';
import type { Call, Result } from './calls';
import { lifecycle } from './tracks/lifecycle';
import { toAgent } from './tracks/to-agent';
import { toEarlierCases } from './tracks/to-earlier-cases';
import { toEndUser } from './tracks/to-end-user';
import type { Track } from './tracks/track';

export const TRACKS: Track[] = [lifecycle, toAgent, toEndUser, toEarlierCases];

/** A call under way, and the scope that cuts it short. */
interface CallUnderWay {
  track: Track;
  call: Call;
  scope: CancellationScope;
}

/** The timer that runs, and the scope that cancels it. */
interface Timer {
  at: number;
  scope: CancellationScope;
}

/**
 * Performs whatever the tracks ask for, one call at a time for each: a call that does not get through holds its own
 * track and no other. One timer waits for the earliest deadline.
 *
 * All commands are given in one place and in one order, after everything that has arrived has changed the state. So
 * they do not depend on how much arrives at once: a replay may handle in one go what came in several workflow tasks.
 */
export class Runner {
  private readonly scope = new CancellationScope();
  private stopping = false;
  private readonly scopes = new Map<Track, CancellationScope>();
  private readonly underWay = new Set<CallUnderWay>();
  private timer?: Timer;
  private readonly loop: Promise<void>;
  private reportBug!: (error: unknown) => void;

  constructor(private readonly handoff: Handoff) {
    handoff.underWay = () => [...this.underWay].map(({ call }) => call);
    const bug = new Promise<never>((_, reject) => (this.reportBug = reject));
    this.loop = Promise.race([this.run(), bug]);
  }

  /** Ends the loop after the calls under way, which get this long; then they are cut short, and waited for. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    let ended = false;
    const loop = this.loop.then(() => (ended = true));
    const inTime = await condition(() => ended, graceMs);
    if (!inTime) this.scope.cancel();
    await loop;
  }

  /** Rejects where the loop fails, which is a bug: it holds the handoff until a fixed worker takes over. */
  async failed(): Promise<never> {
    await this.loop;
    return new Promise<never>(() => undefined);
  }

  private async run(): Promise<void> {
    for (;;) {
      await condition(() => this.isOver() || this.hasWork());
      await everythingArrived();
      for (const { scope } of this.unwanted()) scope.cancel();
      if (this.stopping) this.cancelTimer();
      else this.work();
      if (this.isOver()) return;
    }
  }

  private isOver(): boolean {
    return this.stopping && this.underWay.size === 0 && this.timer === undefined;
  }

  private hasWork(): boolean {
    if (this.unwanted().length > 0) return true;
    if (this.stopping) return this.timer !== undefined;
    return this.isTimerWanted() || this.idle().some((track) => this.advances(track) || this.next(track) !== undefined);
  }

  private work(): void {
    this.advance();
    this.passDeadlines();
    for (const track of this.idle()) {
      const call = this.next(track);
      if (call) this.make(track, call);
    }
    if (this.isTimerWanted()) this.startTimer();
  }

  /** Takes all steps that need no call. */
  private advance(): void {
    const { handoff } = this;
    for (;;) {
      const track = this.idle().find((one) => this.advances(one));
      if (!track) return;
      handoff.change((state, context) => track.advance(state, context));
    }
  }

  private make(track: Track, call: Call): void {
    const current = { track, call, scope: this.scopeOf(track) };
    this.underWay.add(current);
    const settle = (result: Result) => {
      this.underWay.delete(current);
      this.handoff.change((state, context) => track.settle(state, result, context));
      if (!this.stopping) this.advance();
    };
    perform(call, current.scope).then(settle).catch(this.reportBug);
  }

  /** One scope serves a track's calls until one of them is cut short: each new one costs several promises. */
  private scopeOf(track: Track): CancellationScope {
    const known = this.scopes.get(track);
    if (known && !known.consideredCancelled) return known;
    const scope = new CancellationScope({ cancellable: true, parent: this.scope });
    this.scopes.set(track, scope);
    return scope;
  }

  private unwanted(): CallUnderWay[] {
    const { state, context } = this.handoff;
    return [...this.underWay].filter(
      ({ track, call, scope }) =>
        !scope.consideredCancelled && track.isWanted !== undefined && !track.isWanted(call, state, context()),
    );
  }

  private idle(): Track[] {
    const busy = new Set([...this.underWay].map(({ track }) => track));
    return TRACKS.filter((track) => !busy.has(track));
  }

  private next(track: Track): Call | undefined {
    return track.next(this.handoff.state, this.handoff.context());
  }

  private advances(track: Track): boolean {
    const { state } = this.handoff;
    return track.advance(state, this.handoff.context()) !== state;
  }

  private upcoming(): Deadline | undefined {
    return earliest(this.handoff.state, this.handoff.settings);
  }

  /** A deadline that moves away costs nothing: its timer finds out when it fires. */
  private isTimerWanted(): boolean {
    const deadline = this.upcoming();
    return deadline !== undefined && (this.timer === undefined || deadline.at < this.timer.at);
  }

  private passDeadlines(): void {
    for (let next = this.upcoming(); next && next.at <= Date.now() && this.isTimerWanted(); next = this.upcoming()) {
      this.handoff.apply(next.occurrence);
      this.advance();
    }
  }

  private startTimer(): void {
    const { at, summary } = this.upcoming()!;
    this.cancelTimer();
    const timer = { at, scope: new CancellationScope({ cancellable: true, parent: this.scope }) };
    this.timer = timer;
    const ended = () => {
      if (this.timer === timer) this.timer = undefined;
    };
    timer.scope
      .run(() => sleep(at - Date.now(), { summary }))
      .catch(unlessCancelled)
      .then(ended)
      .catch(this.reportBug);
  }

  private cancelTimer(): void {
    this.timer?.scope.cancel();
    this.timer = undefined;
  }
}

/** Conditions are checked once whatever arrived together has been handled, so the second check is after all of it. */
function everythingArrived(): Promise<void> {
  let checks = 0;
  return condition(() => checks++ > 0);
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}

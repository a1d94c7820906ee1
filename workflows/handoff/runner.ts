import { CancellationScope, condition } from '@temporalio/workflow';
import type { Handoff } from './handoff';
import { earliest } from './deadlines';
import { perform } from './perform';
import type { Call } from './calls';
import { lifecycle } from './tracks/lifecycle';
import { toAgent } from './tracks/to-agent';
import { toEndUser } from './tracks/to-end-user';
import type { Track } from './tracks/track';

export const TRACKS: Track[] = [lifecycle, toAgent, toEndUser];

/** A call under way, and the scope that cuts it short. */
interface CallUnderWay {
  track: Track;
  call: Call;
  scope: CancellationScope;
}

/**
 * Performs whatever the tracks ask for, each in a loop of its own: a call that does not get through holds its own
 * track and no other. One timer waits for the earliest deadline.
 */
export class Runner {
  private readonly scope = new CancellationScope();
  private stopping = false;
  private readonly underWay = new Set<CallUnderWay>();
  private readonly loops: Promise<unknown>;

  constructor(private readonly handoff: Handoff) {
    handoff.underWay = () => [...this.underWay].map(({ call }) => call);
    const tracks = TRACKS.map((track) => this.runTrack(track));
    this.loops = Promise.all([...tracks, this.watchDeadlines(), this.cutShortUnwanted()]);
  }

  /** Ends all loops after the calls under way, which get this long; then they are cut short, and waited for. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    let ended = false;
    const loops = this.loops.then(() => (ended = true));
    const inTime = await condition(() => ended, graceMs);
    if (!inTime) this.scope.cancel();
    await loops;
  }

  /** Rejects where a loop fails, which is a bug: it holds the handoff until a fixed worker takes over. */
  async failed(): Promise<never> {
    await this.loops;
    return new Promise<never>(() => undefined);
  }

  private async runTrack(track: Track): Promise<void> {
    const { handoff } = this;
    for (;;) {
      await condition(() => this.stopping || this.advances(track) || this.next(track) !== undefined);
      if (this.stopping) return;
      if (this.advances(track)) {
        handoff.change((state, context) => track.advance(state, context));
        continue;
      }
      const call = this.next(track);
      if (call) await this.make(track, call);
    }
  }

  private async make(track: Track, call: Call): Promise<void> {
    const current = { track, call, scope: new CancellationScope({ cancellable: true, parent: this.scope }) };
    this.underWay.add(current);
    const result = await perform(call, current.scope);
    this.underWay.delete(current);
    this.handoff.change((state, context) => track.settle(state, result, context));
  }

  /** For as long as calls are made: whatever changes the state may make some of them pointless. */
  private async cutShortUnwanted(): Promise<void> {
    for (;;) {
      await condition(() => this.isOver() || this.unwanted().length > 0);
      if (this.isOver()) return;
      for (const { scope } of this.unwanted()) scope.cancel();
    }
  }

  private isOver(): boolean {
    return this.stopping && this.underWay.size === 0;
  }

  private unwanted(): CallUnderWay[] {
    const { state, context } = this.handoff;
    return [...this.underWay].filter(
      ({ track, call, scope }) =>
        !scope.consideredCancelled && track.isWanted !== undefined && !track.isWanted(call, state, context()),
    );
  }

  private next(track: Track): Call | undefined {
    return track.next(this.handoff.state, this.handoff.context());
  }

  private advances(track: Track): boolean {
    const { state } = this.handoff;
    return track.advance(state, this.handoff.context()) !== state;
  }

  private async watchDeadlines(): Promise<void> {
    const { handoff } = this;
    const upcoming = () => earliest(handoff.state, handoff.settings);
    for (;;) {
      const deadline = upcoming();
      if (this.stopping) return;
      if (!deadline) {
        await condition(() => this.stopping || upcoming() !== undefined);
      } else if (deadline.at <= Date.now()) {
        handoff.apply(deadline.occurrence);
      } else {
        // One that moves away costs nothing: the timer finds out when it fires.
        const isEarlier = () => (upcoming()?.at ?? Infinity) < deadline.at;
        const options = { summary: deadline.summary };
        await condition(() => this.stopping || isEarlier(), deadline.at - Date.now(), options);
      }
    }
  }
}

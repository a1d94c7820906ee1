import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { HandoffSettings } from '../../domain/handoff';
import type { Direction } from '../../domain/message';
import { failureOf, sentBefore } from './failure';
import type { Handoff } from './handoff';
import { performInbound, performOutbound } from './perform';
import type { Fact } from './reduce';
import type { HandoffState, StepFailure } from './state';
import { nextInbound, nextOutbound, type InboundStep, type OutboundStep } from './steps';

/** One direction: what is next, how it is done, and what its end is called. */
interface Lane<Step> {
  direction: Direction;
  next(state: HandoffState, settings: HandoffSettings): Step | undefined;
  perform(handoff: Handoff, step: Step): Promise<string[]>;
  done(step: Step, platformIds: string[]): Fact;
  failed(step: Step, failure: StepFailure, since: string): Fact;
}

const INBOUND: Lane<InboundStep> = {
  direction: 'inbound',
  next: nextInbound,
  perform: performInbound,
  done: (step) => ({ type: 'inbound-done', step }),
  failed: (step, failure, since) => ({ type: 'inbound-failed', step, failure, since }),
};

const OUTBOUND: Lane<OutboundStep> = {
  direction: 'outbound',
  next: nextOutbound,
  perform: performOutbound,
  done: (step, platformIds) => ({ type: 'outbound-done', step, platformIds }),
  failed: (step, failure, since) => ({ type: 'outbound-failed', step, failure, since }),
};

/**
 * The two lanes of a conversation. Each is strictly in order and a loop of its own, so that a message that does not
 * get through holds its own lane and not the other.
 */
export class Lanes {
  private readonly scope = new CancellationScope();
  private stopping = false;
  private readonly loops: Promise<unknown>;

  constructor(private readonly handoff: Handoff) {
    this.loops = Promise.all([this.run(INBOUND), this.run(OUTBOUND)]);
  }

  /** Ends both loops after the steps that are under way, which get this long; then they are cut short. */
  async stop(patienceMs: number): Promise<void> {
    this.stopping = true;
    let ended = false;
    const loops = this.loops.then(() => (ended = true));
    const inTime = await condition(() => ended, patienceMs);
    if (!inTime) this.scope.cancel();
    await loops;
  }

  private async run<Step>(lane: Lane<Step>): Promise<void> {
    const { handoff } = this;
    const next = () => lane.next(handoff.state, handoff.settings);
    for (;;) {
      await condition(() => this.stopping || next() !== undefined);
      if (this.stopping) return;
      const step = next()!;
      const since = new Date().toISOString();
      try {
        const platformIds = await this.scope.run(() => lane.perform(handoff, step));
        handoff.apply(lane.done(step, platformIds));
      } catch (error) {
        if (isCancellation(error)) return handoff.apply({ type: 'interrupted', lane: lane.direction, since });
        const platformIds = sentBefore(error);
        if (platformIds.length > 0) handoff.apply(lane.done(step, platformIds));
        handoff.apply(lane.failed(step, failureOf(error), since));
      }
    }
  }
}

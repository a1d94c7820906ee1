import type { HandoffActivities } from '../../activities';
import type { FinalFailure } from '../../domain/failures';

/** What a handoff may do to the world: each activity with its one request and its answer. */
export type ActivityName = keyof HandoffActivities;
export type RequestOf<N extends ActivityName> = Parameters<HandoffActivities[N]>[0];
export type AnswerOf<N extends ActivityName> = Awaited<ReturnType<HandoffActivities[N]>>;

/**
 * A step as data: the activity's name, its request, and how long it may take. What comes of it is settled by the track
 * that asked for it.
 */
export type Call = { [N in ActivityName]: CallOf<N> }[ActivityName];
export interface CallOf<N extends ActivityName> {
  activity: N;
  request: RequestOf<N>;
  /** What the Temporal UI shows. */
  summary: string;
  /** Until when it is tried; without it, until it is done. */
  within?: { ms: number; since?: string };
}

/**
 * How a call ended. `interrupted`: it was cut short by a new run or because it is no longer wanted, so it may or may
 * not have had an effect. `timed-out`: it was tried for as long as it may be.
 */
export type Result = { [N in ActivityName]: ResultOf<N> }[ActivityName];
export type ResultOf<N extends ActivityName> = { call: CallOf<N> } & (
  | { ok: true; answer: AnswerOf<N> }
  | {
      ok: false;
      failure: FinalFailure | 'timed-out' | 'interrupted';
      /** The vendor's own words. */
      detail?: string;
      /** What was done before it failed, as the activity reports it. */
      progress: unknown[];
      /** When the call began, ISO 8601. */
      since: string;
    }
);

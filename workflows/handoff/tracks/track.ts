import type { HandoffInput } from '../../../domain/contract';
import type { Call, Result } from '../calls';
import type { Context } from '../context';
import type { HandoffState } from '../state';

/** All that a track decides by beside the state. */
export interface TrackContext extends Context {
  input: HandoffInput;
  handoffId: string;
}

/**
 * One strand of a handoff's work, performed by the runner one call at a time. What has to be done next follows from
 * the state alone, so a crash, a retry or a new run between two calls can neither skip nor double one.
 */
export interface Track {
  name: string;
  /** What needs no call: the same state where there is nothing of it. */
  advance(state: HandoffState, context: TrackContext): HandoffState;
  /** The call that has to be made next; undefined while there is nothing to do. */
  next(state: HandoffState, context: TrackContext): Call | undefined;
  /** What the end of a call makes of the state. */
  settle(state: HandoffState, result: Result, context: TrackContext): HandoffState;
  /** Whether a call under way is still wanted; without it, always. */
  isWanted?(call: Call, state: HandoffState, context: TrackContext): boolean;
}

/** Nice to have: what cannot be read or written in this time is done without. */
export const OPTIONAL_MS = 2 * 60_000;

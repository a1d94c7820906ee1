import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { HandoffInput } from '../../domain/contract';
import type { HandoffSettings } from '../../domain/handoff';
import { handoffId } from '../../domain/ids';
import type { Call } from './calls';
import { reduce, type Occurrence } from './reduce';
import { searchAttributesOf } from './search-attributes';
import { initialState, type HandoffState } from './state';
import type { TrackContext } from './tracks/track';
import { detailsOf, viewOf } from './view';

/** The input of a run: what the handoff began with, and after a continue-as-new all it knew by then. */
export interface RunInput extends HandoffInput {
  carried?: HandoffState;
}

/** A running handoff: its state, and the ways to change it. */
export interface Handoff {
  readonly input: RunInput;
  readonly settings: HandoffSettings;
  readonly state: HandoffState;
  /** This run makes no more calls: whoever still waits for something is answered now. */
  isEnding: boolean;
  /** The calls that are being made at this moment. */
  underWay: () => readonly Call[];
  /** What decisions are made by beside the state, at this moment. */
  readonly context: () => TrackContext;
  apply(what: Occurrence): void;
  change(by: (state: HandoffState, context: TrackContext) => HandoffState): void;
}

export function createHandoff(input: RunInput): Handoff {
  const { settings } = input;
  const id = handoffId(input);
  let state = input.carried ?? initialState(input, workflowInfo().runStartTime.toISOString());
  let shown = searchAttributesOf(state);
  // The next handoff of a conversation inherits what its predecessor was found by.
  if (!input.carried && workflowInfo().continuedFromExecutionRunId) upsertSearchAttributes(shown);
  const context = (): TrackContext => {
    const { seenBefore } = input;
    const now = new Date().toISOString();
    return { input, settings, seenBefore, handoffId: id, now, underWay: () => handoff.underWay() };
  };

  function change(by: (before: HandoffState, context: TrackContext) => HandoffState): void {
    state = by(state, context());
    setCurrentDetails(detailsOf(viewOf(input, state)));
    const wanted = searchAttributesOf(state);
    const changed = wanted.filter(({ value }, i) => value !== shown[i]!.value);
    if (changed.length > 0) upsertSearchAttributes(changed);
    shown = wanted;
  }

  const handoff: Handoff = {
    input,
    settings,
    isEnding: false,
    underWay: () => [],
    get state() {
      return state;
    },
    context,
    change,
    apply: (what) => change((before, now) => reduce(before, what, now)),
  };
  return handoff;
}

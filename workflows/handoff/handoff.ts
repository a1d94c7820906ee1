import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES, type HandoffInput } from '../../domain/contract';
import type { HandoffSettings } from '../../domain/handoff';
import { caseKey, handoffId } from '../../domain/ids';
import { activitiesFor, type Activities } from './options';
import { reduce, type Fact } from './reduce';
import { initialState, type HandoffState } from './state';
import { detailsOf, statusOf, viewOf } from './view';

/** The input of a run: what the handoff began with, and after a continue-as-new all it knew by then. */
export interface RunInput extends HandoffInput {
  carried?: HandoffState;
}

/** A running handoff: its state, and the one way to change it. */
export interface Handoff {
  readonly id: string;
  readonly input: RunInput;
  readonly settings: HandoffSettings;
  readonly activities: Activities;
  readonly state: HandoffState;
  apply(fact: Fact): void;
}

export function createHandoff(input: RunInput): Handoff {
  const id = handoffId(input);
  const { settings } = input;
  const { firstExecutionRunId, runStartTime } = workflowInfo();
  let state = input.carried ?? initialState(input, caseKey(id, firstExecutionRunId), runStartTime.toISOString());
  let shown = searchAttributesOf(state);
  return {
    id,
    input,
    settings,
    activities: activitiesFor(settings.timers),
    get state() {
      return state;
    },
    apply(fact) {
      state = reduce(state, fact, settings);
      setCurrentDetails(detailsOf(viewOf(input, state)));
      const wanted = searchAttributesOf(state);
      const changed = wanted.filter(({ value }, i) => value !== shown[i]!.value);
      if (changed.length > 0) upsertSearchAttributes(changed);
      shown = wanted;
    },
  };
}

const KEYS = {
  state: defineSearchAttributeKey('HandoffState', SEARCH_ATTRIBUTES.HandoffState),
  queue: defineSearchAttributeKey('HandoffQueue', SEARCH_ATTRIBUTES.HandoffQueue),
  case: defineSearchAttributeKey('HandoffCase', SEARCH_ATTRIBUTES.HandoffCase),
  undelivered: defineSearchAttributeKey('HandoffUndelivered', SEARCH_ATTRIBUTES.HandoffUndelivered),
};

/** By which handoffs are found in lists. A run starts as `opening` with nothing undelivered: the starter has said so. */
function searchAttributesOf(state: HandoffState): SearchAttributeUpdatePair[] {
  return [
    { key: KEYS.state, value: statusOf(state) },
    { key: KEYS.queue, value: state.route?.queue ?? null },
    { key: KEYS.case, value: state.case?.id ?? null },
    { key: KEYS.undelivered, value: state.counts.undelivered || null },
  ];
}

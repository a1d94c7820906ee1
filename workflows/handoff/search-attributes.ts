import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { ATTRIBUTE, SEARCH_ATTRIBUTES, searchable } from '../../domain/search-attributes';
import { currentCase, ending, type HandoffState } from './state';
import { statusOf } from './view';

const KEYS = {
  state: defineSearchAttributeKey(ATTRIBUTE.state, SEARCH_ATTRIBUTES.HandoffState),
  outcome: defineSearchAttributeKey(ATTRIBUTE.outcome, SEARCH_ATTRIBUTES.HandoffOutcome),
  contactCenter: defineSearchAttributeKey(ATTRIBUTE.contactCenter, SEARCH_ATTRIBUTES.HandoffContactCenter),
  queue: defineSearchAttributeKey(ATTRIBUTE.queue, SEARCH_ATTRIBUTES.HandoffQueue),
  case: defineSearchAttributeKey(ATTRIBUTE.case, SEARCH_ATTRIBUTES.HandoffCase),
  undelivered: defineSearchAttributeKey(ATTRIBUTE.undelivered, SEARCH_ATTRIBUTES.HandoffUndelivered),
};

/** By which handoffs are found in lists. A handoff starts as `opening` and without undeliverable messages: whoever starts it sets that. */
export function searchAttributesOf(state: HandoffState): SearchAttributeUpdatePair[] {
  const current = currentCase(state);
  return [
    { key: KEYS.state, value: statusOf(state) },
    { key: KEYS.outcome, value: searchable(ending(state)?.outcome) },
    { key: KEYS.contactCenter, value: searchable(current?.contactCenter) },
    { key: KEYS.queue, value: searchable(current?.queue) },
    { key: KEYS.case, value: searchable(current?.ref?.id) },
    { key: KEYS.undelivered, value: state.counts.undelivered || null },
  ];
}

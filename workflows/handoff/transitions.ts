import type { Outcome } from '../../domain/handoff';
import type { TextKey } from '../../domain/texts';
import type { HandoffState } from './state';

/** The first end is the end: an agent's close that crosses an end user's `/end` changes nothing. */
export function ending(state: HandoffState, outcome: Outcome, detail?: string): HandoffState {
  if (state.closing) return state;
  return { ...state, closing: { outcome, detail, goodbye: false } };
}

/** Puts one of the service's own texts into the outbound lane. */
export function withNotice(state: HandoffState, text: TextKey): HandoffState {
  const id = `${text}-${state.ownActs}`;
  return { ...state, ownActs: state.ownActs + 1, outbound: [...state.outbound, { kind: 'notice', id, text }] };
}

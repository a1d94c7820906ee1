import type { Call, ResultOf } from '../calls';
import { currentCase, ending, openingCase, type HandoffState } from '../state';
import { end, withCase } from '../transitions';
import type { TrackContext } from './track';

/** No vendor's "not found" counts before the vendor has been asked for the thing itself. */
export function verification(state: HandoffState, { input }: TrackContext): Call | undefined {
  const { account, conversationId } = input;
  if (state.doubts.conversation) {
    const request = { account, conversationId };
    return { activity: 'checkConversation', request, summary: 'Verify whether the conversation is closed' };
  }
  const current = currentCase(state);
  if (!current) return undefined;
  // One whose opening was cut short, or that its agent has closed meanwhile, may be there without our knowing its id.
  const isTaken = current.status === 'open' || (ending(state) && current.status !== 'failed');
  const isUnknown = isTaken && !current.ref;
  if (!(state.doubts.case || isUnknown) || canWait(state)) return undefined;
  const request = { account, contactCenter: current.contactCenter, key: current.key };
  return { activity: 'checkCase', request, summary: 'Verify whether the case is closed' };
}

/** Neither the next case nor the end user's bot waits for the contact center's word on this one. */
function canWait(state: HandoffState): boolean {
  if (state.phase.name !== 'closing') return openingCase(state) !== undefined;
  return state.conversation === 'open' && state.phase.step !== 'last-messages';
}

export function settleCheckConversation(
  state: HandoffState,
  result: ResultOf<'checkConversation'>,
  { now }: TrackContext,
): HandoffState {
  if (!result.ok) return state;
  const conversation = result.answer.status;
  const verified = { ...state, conversation, doubts: { ...state.doubts, conversation: false } };
  if (conversation === 'open') return readAgain(verified);
  if (conversation === 'closed') return end(verified, 'closed-elsewhere', now);
  const detail = 'The platform has no such conversation.';
  return end(verified, state.phase.name === 'opening' ? 'unavailable' : 'closed-elsewhere', now, detail);
}

/** A platform that says "not found" to reading, and "open" when asked for the conversation, is read again so often. */
const MAX_REREADS = 3;

function readAgain(state: HandoffState): HandoffState {
  const isUnread = state.context === 'unreadable' && state.cases.length === 0 && state.rereads < MAX_REREADS;
  return isUnread ? { ...state, context: 'pending', rereads: state.rereads + 1 } : state;
}

export function settleCheckCase(
  state: HandoffState,
  result: ResultOf<'checkCase'>,
  { now }: TrackContext,
): HandoffState {
  if (!result.ok) return state;
  const { key } = result.call.request;
  const { status, ref } = result.answer;
  const verified = { ...state, doubts: { ...state.doubts, case: false } };
  if (status !== 'not-found') {
    const takenAt = state.cases.find((one) => one.key === key)?.takenAt ?? now;
    const known = withCase(verified, key, { ref, status, takenAt });
    return status === 'closed' && !openingCase(known) ? end(known, 'resolved', now) : known;
  }
  const before = state.cases.find((one) => one.key === key);
  // Of an opening that was cut short nobody knows when it takes effect: it is looked for once more in the end.
  const settled = before?.status !== 'opening';
  const without = withCase(verified, key, { status: before?.ref ? 'closed' : 'failed', settled });
  if (openingCase(without)) return without;
  return end(without, 'resolved', now, 'The contact center has no such case any more.');
}

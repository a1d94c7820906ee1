import type { Call, ResultOf } from '../calls';
import { currentCase, openingCase, type Case, type HandoffState } from '../state';
import { withCase } from '../transitions';
import { advanceClosing, nextClosing, settleClosing } from './closing';
import { gather, openCase, routed, settleGather, settleOpenCase } from './opening';
import { OPTIONAL_MS, type Track, type TrackContext } from './track';
import { settleCheckCase, settleCheckConversation, verification } from './verification';

/** From the bot's call to both sides closed: gather, route, open, link, verify, hand on, close. */
export const lifecycle: Track = {
  name: 'lifecycle',

  advance(state, context) {
    if (state.phase.name === 'closing') return advanceClosing(state, context);
    const isReady = state.context !== 'pending' && state.cases.length === 0 && !state.doubts.conversation;
    return isReady && state.phase.name === 'opening' ? routed(state, context) : state;
  },

  next(state, context) {
    if (state.phase.name === 'closed') return undefined;
    const check = verification(state, context);
    if (check) return check;
    if (state.phase.name === 'closing') return nextClosing(state, context);
    if (state.context === 'pending') return gather(context);
    const opening = openingCase(state);
    if (opening) return openCase(state, opening, context);
    return link(state, context) ?? closeEarlier(state, context);
  },

  settle(state, result, context) {
    switch (result.call.activity) {
      case 'gather':
        return settleGather(state, result as ResultOf<'gather'>);
      case 'openCase':
        return settleOpenCase(state, result as ResultOf<'openCase'>, context);
      case 'link':
        return settleLink(state, result as ResultOf<'link'>);
      case 'checkConversation':
        return settleCheckConversation(state, result as ResultOf<'checkConversation'>, context);
      case 'checkCase':
        return settleCheckCase(state, result as ResultOf<'checkCase'>, context);
      default:
        return settleClosing(state, result, context);
    }
  },

  /** What a close has made pointless, such as opening a case, is cut short. */
  isWanted(call, state, context) {
    return lifecycle.next(state, context)?.activity === call.activity;
  },
};

/** Notes the case on the conversation. Nice to have: messages do not wait for it. */
function link(state: HandoffState, { input, handoffId }: TrackContext): Call | undefined {
  const current = currentCase(state);
  if (!current?.ref || current.linked) return undefined;
  const { account, conversationId } = input;
  const { contactCenter, ref, key } = current;
  return {
    activity: 'link',
    request: { account, conversationId, handoffId, contactCenter, case: ref, caseKey: key },
    summary: 'Note the case on the conversation',
    within: { ms: OPTIONAL_MS },
  };
}

function settleLink(state: HandoffState, result: ResultOf<'link'>): HandoffState {
  if (!result.ok && result.failure === 'interrupted') return state;
  return withCase(state, result.call.request.caseKey, { linked: true });
}

function isAbout(call: Call, contactCenter: string, caseId: string | undefined): boolean {
  if (call.activity !== 'append' && call.activity !== 'note') return false;
  return call.request.contactCenter === contactCenter && call.request.case.id === caseId;
}

function hasPendingNote({ toAgent, toEarlierCases }: HandoffState, { key }: Case): boolean {
  return [...toAgent, ...toEarlierCases].some((item) => 'caseKey' in item && item.caseKey === key);
}

/** The cases that a handoff has moved on from, and those that may have come about although their opening failed. */
function closeEarlier(state: HandoffState, { input, underWay }: TrackContext): Call | undefined {
  const current = currentCase(state);
  const mayBeOpen = ({ status }: Case) => status === 'open' || status === 'failed';
  const earlier = state.cases.find((one) => one !== current && mayBeOpen(one) && !one.settled);
  // Their agents still get what is pending for them.
  if (!earlier || hasPendingNote(state, earlier)) return undefined;
  const { contactCenter, ref, key, status } = earlier;
  // Where adding to a closed case opens it again, a call that is still under way would.
  if (underWay?.().some((call) => isAbout(call, contactCenter, ref?.id))) return undefined;
  const reason = status === 'failed' ? ('unavailable' as const) : ('transferred' as const);
  const request = { account: input.account, contactCenter, case: ref, key, reason };
  return { activity: 'closeCase', request, summary: `Close the case in ${contactCenter}` };
}

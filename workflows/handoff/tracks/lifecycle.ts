import { caseKey } from '../../../domain/ids';
import { route } from '../../../domain/routing';
import { withNote, withNotice } from '../backlog';
import type { Call, ResultOf } from '../calls';
import { remember } from '../reduce';
import { currentCase, ending, openingCase, type Case, type Gathered, type HandoffState } from '../state';
import { end, lastSpeaker, withCase } from '../transitions';
import { advanceClosing, nextClosing, settleClosing } from './closing';
import type { Track, TrackContext } from './track';

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
        return isInterrupted(result) ? state : withCase(state, keyOf(result as ResultOf<'link'>), { linked: true });
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

function isInterrupted(result: { ok: boolean; failure?: string }): boolean {
  return !result.ok && result.failure === 'interrupted';
}

function keyOf({ call }: ResultOf<'link'>): string {
  return call.request.caseKey;
}

/** No vendor's "not found" counts before the vendor has been asked for the thing itself. */
function verification(state: HandoffState, { input }: TrackContext): Call | undefined {
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

function gather({ input }: TrackContext): Call {
  const { account, conversationId } = input;
  return {
    activity: 'gather',
    request: { account, conversationId },
    summary: 'History, tags and metadata',
    within: { ms: OPTIONAL_MS },
  };
}

/** Nice to have: what cannot be read or written in this time is done without. */
const OPTIONAL_MS = 2 * 60_000;

/** A conversation that cannot be read is handed over without its history. */
function settleGather(state: HandoffState, result: ResultOf<'gather'>): HandoffState {
  if (result.ok) return withGathered(state, result.answer);
  if (result.failure === 'interrupted') return state;
  const isGone = result.failure === 'not-found' || result.failure === 'conversation-closed';
  return { ...state, context: 'unreadable', doubts: { ...state.doubts, conversation: isGone } };
}

function withGathered(state: HandoffState, gathered: Gathered): HandoffState {
  const next = { ...state, context: 'read' as const, gathered, replyTo: state.replyTo ?? gathered.replyTo };
  // Until the next case is there the messages belong to the present one, which gets them if the transfer fails.
  return state.cases.length === 0 ? withTranscript(next, gathered.messageIds) : next;
}

/** What the transcript holds is not delivered again, even where it arrived before the transcript was read. */
function withTranscript(state: HandoffState, messageIds: string[]): HandoffState {
  const transcript = messageIds.map((id) => `p:${id}`);
  const known = new Set(transcript);
  const arrived = state.seen.filter((key) => !known.has(key));
  return {
    ...remember({ ...state, seen: [] }, ...transcript, ...arrived),
    toAgent: state.toAgent.filter((item) => item.kind !== 'message' || !known.has(`p:${item.message.id}`)),
    messages: state.messages.filter(
      (view) => view.direction !== 'inbound' || view.deliveryStatus !== 'accepted' || !known.has(`p:${view.id}`),
    ),
  };
}

function routed(state: HandoffState, { input, settings, handoffId, now }: TrackContext): HandoffState {
  const { queue, language, priority, attributes, customer } = input.call;
  const call = { queue, language: language ?? customer?.language, priority, attributes };
  const found = route(settings.routing, call, state.gathered ?? { tags: [], attributes: {} });
  if (!found) {
    const detail = 'No routing rule matches this conversation; add one without a condition as the last.';
    return end(state, 'unavailable', now, detail);
  }
  const key = caseKey(handoffId, state.nonce, 1);
  const first = { ...found, key, status: 'opening' as const, since: now, linked: false, settled: false };
  return { ...state, cases: [first] };
}

function openCase(state: HandoffState, opening: Case, { input, settings }: TrackContext): Call {
  const { account, conversationId, call } = input;
  const { key, contactCenter, queue, language, priority } = opening;
  return {
    activity: 'openCase',
    request: {
      account,
      conversationId,
      key,
      route: { contactCenter, queue, language, priority },
      call,
      gathered: state.context === 'read' ? state.gathered : undefined,
      relayed: state.relayed,
    },
    summary: `Open the case in ${contactCenter}`,
    within: { ms: settings.timers.openWithin, since: opening.since },
  };
}

function settleOpenCase(state: HandoffState, result: ResultOf<'openCase'>, context: TrackContext): HandoffState {
  const { key, route: wanted } = result.call.request;
  if (!result.ok) {
    if (result.failure === 'interrupted') return state;
    // Out of time, it may have come about unseen: then it is found by its key, and closed.
    const tried = withCase(state, key, { settled: result.failure !== 'timed-out' });
    return notOpened(tried, key, wanted.contactCenter, result.detail, context.now);
  }
  const before = currentCase(state);
  const known = state.cases.find((one) => one.key === key);
  const isAnswered = known?.answered === true;
  // An agent of the new case who is there already makes the one before leave.
  const agent = before && before.key !== key && !isAnswered ? lastSpeaker(state) : undefined;
  const left = agent ? [...state.toEndUser, { kind: 'left' as const, agent }] : state.toEndUser;
  const informed = withTranscript(state, state.gathered?.messageIds ?? []);
  const opened = withCase({ ...informed, toEndUser: left, gathered: withoutIds(state.gathered) }, key, {
    ref: result.answer,
    // An agent may have closed it in the meantime.
    status: known?.status === 'closed' ? 'closed' : 'open',
  });
  if (ending(opened)) return opened;
  const doubts = { ...opened.doubts, case: false };
  const active = { ...opened, doubts, phase: { name: 'active' as const }, answered: isAnswered };
  return isAnswered ? active : withNotice(active, 'waiting');
}

function notOpened(
  state: HandoffState,
  key: string,
  to: string,
  detail: string | undefined,
  now: string,
): HandoffState {
  const failed = withCase({ ...state, gathered: withoutIds(state.gathered) }, key, { status: 'failed' });
  const current = currentCase(failed);
  if (!current || current.status === 'failed') return end(failed, 'unavailable', now, detail);
  // Who handed it on may have closed the case before.
  if (current.status === 'closed') return end(failed, 'resolved', now);
  return withNote(failed, { type: 'transfer-failed', to, detail: detail?.slice(0, 300) });
}

/** The transcript's ids are in `seen` for good; once the case has it, a second copy only weighs on continue-as-new. */
function withoutIds(gathered: Gathered | undefined): Gathered | undefined {
  return gathered && { ...gathered, messageIds: [] };
}

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

function isAbout(call: Call, contactCenter: string, caseId: string | undefined): boolean {
  if (call.activity !== 'append' && call.activity !== 'note') return false;
  return call.request.contactCenter === contactCenter && call.request.case.id === caseId;
}

/** The cases that a handoff has moved on from, and those that may have come about although their opening failed. */
function closeEarlier(state: HandoffState, { input, underWay }: TrackContext): Call | undefined {
  const current = currentCase(state);
  const mayBeOpen = ({ status }: Case) => status === 'open' || status === 'failed';
  const earlier = state.cases.find((one) => one !== current && mayBeOpen(one) && !one.settled);
  // Their agents still get what is pending for them.
  if (!earlier || state.toAgent.some((item) => item.kind === 'note' && item.caseKey === earlier.key)) return undefined;
  const { contactCenter, ref, key, status } = earlier;
  // Where adding to a closed case opens it again, a call that is still under way would.
  if (underWay?.().some((call) => isAbout(call, contactCenter, ref?.id))) return undefined;
  const reason = status === 'failed' ? ('unavailable' as const) : ('transferred' as const);
  const request = { account: input.account, contactCenter, case: ref, key, reason };
  return { activity: 'closeCase', request, summary: `Close the case in ${contactCenter}` };
}

function settleCheckConversation(
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

function settleCheckCase(state: HandoffState, result: ResultOf<'checkCase'>, { now }: TrackContext): HandoffState {
  if (!result.ok) return state;
  const { key } = result.call.request;
  const { status, ref } = result.answer;
  const verified = { ...state, doubts: { ...state.doubts, case: false } };
  if (status !== 'not-found') {
    const known = withCase(verified, key, { ref, status });
    return status === 'closed' && !openingCase(known) ? end(known, 'resolved', now) : known;
  }
  const before = state.cases.find((one) => one.key === key);
  // Of an opening that was cut short nobody knows when it takes effect: it is looked for once more in the end.
  const settled = before?.status !== 'opening';
  const without = withCase(verified, key, { status: before?.ref ? 'closed' : 'failed', settled });
  if (openingCase(without)) return without;
  return end(without, 'resolved', now, 'The contact center has no such case any more.');
}

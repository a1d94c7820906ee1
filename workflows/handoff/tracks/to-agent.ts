import type { ContactCenterCapabilities } from '../../../domain/capabilities';
import { undeliverableReason } from '../../../domain/failures';
import { contentAsText } from '../../../domain/message';
import { delivered, isTooLarge, markUndeliverable } from '../backlog';
import type { Call, RequestOf, ResultOf } from '../calls';
import {
  currentCase,
  ending,
  isPastGoodbye,
  openingCase,
  type Case,
  type HandoffState,
  type ToAgentItem,
} from '../state';
import { wordsOf } from './notes';
import type { Track, TrackContext } from './track';

type MessageItem = Extract<ToAgentItem, { kind: 'message' }>;
type AppendRequest = RequestOf<'append'>;

/** So many messages travel in one call at most: each call costs the engine more than each message the vendor. */
const BATCH = 20;
/** A case whose contact center refuses a message so often, though it says that the case is open, will not take it. */
const MAX_REFUSALS = 3;

/** Messages and notes into the case, strictly in order. */
export const toAgent: Track = {
  name: 'to the agent',

  /** Takes off what can be in no call. Without a case, in the end, nothing can be delivered to it. */
  advance(state) {
    const [head, ...rest] = state.toAgent;
    const target = head && targetOf(state, head);
    if (!head) return state;
    const without = { ...state, toAgent: rest };
    if (head.kind === 'message' && isTooLarge(head) && target?.ref && !isOpening(state)) {
      return markUndeliverable(without, { direction: 'inbound', item: head }, 'too-large');
    }
    if (!ending(state) || target?.ref || mayBeFound(state, target)) return state;
    return head.kind === 'message'
      ? markUndeliverable(without, { direction: 'inbound', item: head }, 'no-case')
      : without;
  },

  next(state, context) {
    const head = state.toAgent[0];
    const target = head && targetOf(state, head);
    if (!target?.ref || state.doubts.case) return undefined;
    if (isOpening(state)) return undefined;
    if (head!.kind === 'note') return note(state, head!.id, wordsOf(head!.note), target, context);
    if (target.status === 'closed' && capabilitiesOf(target, context).appendReopens) {
      return lateMessage(state, head as MessageItem, target, context);
    }
    return append(state, target, context);
  },

  settle(state, result, context) {
    if (result.call.activity === 'append') return settleAppend(state, result as ResultOf<'append'>, context);
    return settleNote(state, result as ResultOf<'note'>);
  },
};

/** While a case is being opened it is not known yet what its transcript holds. */
function isOpening(state: HandoffState): boolean {
  return openingCase(state) !== undefined && !ending(state);
}

/** A case that its agent has closed is there, even if we have yet to learn its id; one that was being opened may be. */
function mayBeFound(state: HandoffState, target: Case | undefined): boolean {
  return target?.status === 'closed' || (target?.status === 'opening' && !isPastGoodbye(state));
}

function targetOf(state: HandoffState, item: ToAgentItem): Case | undefined {
  if (item.kind === 'message') return currentCase(state);
  return state.cases.find(({ key }) => key === item.caseKey);
}

function capabilitiesOf({ contactCenter }: Case, { settings }: TrackContext): ContactCenterCapabilities {
  return settings.contactCenters[contactCenter]!;
}

function append(state: HandoffState, target: Case, { input, settings }: TrackContext): Call {
  const items: MessageItem[] = [];
  for (const item of state.toAgent.slice(0, BATCH)) {
    // What may be there already is read back; the rest travels in another call.
    const isAlike = items.length === 0 || !items[0]!.triedSince === !(item as MessageItem).triedSince;
    if (item.kind !== 'message' || !isAlike || isTooLarge(item)) break;
    items.push(item);
  }
  const [head] = items;
  return {
    activity: 'append',
    request: {
      account: input.account,
      conversationId: input.conversationId,
      contactCenter: target.contactCenter,
      case: target.ref!,
      messages: items.map(({ message }) => message),
      author: input.call.customer?.name ?? state.gathered?.customer?.name,
      again: head?.triedSince !== undefined,
    },
    summary: counted('To the agent', items.length),
    within: { ms: settings.timers.deliverWithin, since: head?.attemptsSince },
  };
}

/** Where an append would open the closed case again, what comes late is a note. */
function lateMessage(state: HandoffState, { message }: MessageItem, target: Case, context: TrackContext): Call {
  const said = message.content ? contentAsText(message.content) : 'see the conversation';
  return note(state, `late/${message.id}`, `The end user wrote after this was closed: ${said}`, target, context);
}

function note(state: HandoffState, id: string, text: string, target: Case, { input, settings }: TrackContext): Call {
  return {
    activity: 'note',
    request: {
      account: input.account,
      contactCenter: target.contactCenter,
      case: target.ref!,
      noteId: `${target.key}/${id}`,
      text,
    },
    summary: 'A note for the agent',
    within: { ms: settings.timers.deliverWithin, since: state.toAgent[0]?.attemptsSince },
  };
}

function settleAppend(state: HandoffState, result: ResultOf<'append'>, { settings }: TrackContext): HandoffState {
  const done = (result.ok ? result.answer.appended : result.progress).filter((id) => typeof id === 'string');
  const after = withAppended(state, done, result.call.request, settings);
  if (result.ok) return after;
  const { failure, since, call } = result;
  const left = stillPending(after, call.request, done);
  // The next case's transcript holds them.
  if (left === 0) return after;
  const toAgent = markTried(after.toAgent, left, since);
  if (failure === 'interrupted') return { ...after, toAgent };
  const head = after.toAgent[0];
  if (head?.kind !== 'message') return after;
  if (failure === 'case-closed' || failure === 'not-found') return doubted(after, head);
  // Out of time, the others of the call may be there as well; a refusal is about the first alone.
  const rest = failure === 'timed-out' ? toAgent.slice(1) : after.toAgent.slice(1);
  const item = toAgent[0] as MessageItem;
  return markUndeliverable({ ...after, toAgent: rest }, { direction: 'inbound', item }, undeliverableReason(failure));
}

/** How many of a call's messages are still at the head of the queue: a case that has been opened meanwhile may hold some. */
function stillPending({ toAgent }: HandoffState, { messages }: AppendRequest, done: string[]): number {
  const ids = new Set(messages.map(({ id }) => id).filter((id) => !done.includes(id)));
  const end = toAgent.findIndex((item) => item.kind !== 'message' || !ids.has(item.message.id));
  return end < 0 ? toAgent.length : end;
}

/** The first of a queue may have got through: the next call reads back first. */
export function markTried<T extends { triedSince?: string; attemptsSince?: string }>(
  queue: T[],
  count: number,
  since: string,
): T[] {
  const tried = ({ triedSince = since, attemptsSince = since }: T) => ({ triedSince, attemptsSince });
  return queue.map((item, i) => (i < count ? { ...item, ...tried(item) } : item));
}

/** Only the contact center's own word, found by the key, says that a case is over. */
function doubted(state: HandoffState, head: MessageItem): HandoffState {
  const refusals = (head.refusals ?? 0) + 1;
  const isKnownClosed = currentCase(state)?.status === 'closed';
  if (!isKnownClosed && refusals < MAX_REFUSALS) {
    return { ...replaceHead(state, { ...head, refusals }), doubts: { ...state.doubts, case: true } };
  }
  const reason = isKnownClosed ? 'case-closed' : 'rejected';
  return markUndeliverable({ ...state, toAgent: state.toAgent.slice(1) }, { direction: 'inbound', item: head }, reason);
}

/** A message that was on its way while the case was closed has opened some vendors' cases again: they need closing. */
function withAppended(
  state: HandoffState,
  ids: string[],
  request: AppendRequest,
  { contactCenters }: TrackContext['settings'],
): HandoffState {
  if (ids.length === 0) return state;
  const current = currentCase(state);
  const isItsOwn = current?.status === 'closed' && current.ref?.id === request.case.id;
  const reopens = isItsOwn && contactCenters[request.contactCenter]!.appendReopens;
  const isAppended = (item: ToAgentItem) => item.kind === 'message' && ids.includes(item.message.id);
  return delivered(
    {
      ...state,
      toAgent: state.toAgent.filter((item) => !isAppended(item)),
      cases: reopens ? state.cases.map((one) => (one === current ? { ...one, status: 'open' } : one)) : state.cases,
    },
    'inbound',
    state.toAgent.flatMap((item) => (item.kind === 'message' && isAppended(item) ? [item.message.id] : [])),
  );
}

function settleNote(state: HandoffState, result: ResultOf<'note'>): HandoffState {
  const [head, ...rest] = state.toAgent;
  if (!head) return state;
  if (!result.ok && result.failure === 'interrupted') return state;
  const without = { ...state, toAgent: rest };
  if (head.kind === 'note') return without;
  if (result.ok) return delivered(without, 'inbound', [head.message.id]);
  return markUndeliverable(without, { direction: 'inbound', item: head }, undeliverableReason(result.failure));
}

function replaceHead(state: HandoffState, head: ToAgentItem): HandoffState {
  return { ...state, toAgent: [head, ...state.toAgent.slice(1)] };
}

export function counted(what: string, messages: number): string {
  return messages === 1 ? what : `${what}: ${messages} messages`;
}

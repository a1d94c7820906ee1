import { latestWithin, listBytes, SHARES, sizeOf } from '../../domain/limits';
import type { DeliveryStatus, Direction, InboundMessage, UndeliverableReason } from '../../domain/message';
import {
  currentCase,
  type EarlierCaseNote,
  type HandoffState,
  type Note,
  type ToAgentItem,
  type ToEndUserItem,
  type Undeliverable,
} from './state';
import type { HandoffSettings } from '../../domain/handoff';
import type { TextKey } from '../../domain/texts';

/** What is pending and what became of it, within the byte budget of {@link SHARES}. */

const LOGGED_MESSAGES = 200;
const SENT_IDS = 50;
/** Of one kind; more are merged, so that an outage cannot fill a queue with them. */
const NOTICES = 20;

type MessageItem = Undeliverable['item'];

/** Puts a message at the end of its queue: whole, by reference where the queue is long, or not at all. */
export function enqueueMessage(state: HandoffState, entry: Undeliverable, settings: HandoffSettings): HandoffState {
  const { direction, item } = entry;
  const logged = logMessage(state, direction, item.message);
  if (direction === 'outbound' && isTooLarge(item)) return markUndeliverable(logged, entry, 'too-large');
  const queue: MessageItem[] = messagesOf(direction === 'inbound' ? state.toAgent : state.toEndUser);
  const kept = fitting(queue, item, isRereadable(state, entry, settings));
  if (!kept) return markUndeliverable(logged, entry, 'backlog-full');
  return push(logged, { direction, item: kept } as Undeliverable);
}

/** Too large to enter a handoff. The end user's keep their place: a transcript that is still to be read may hold them. */
export function isTooLarge({ message }: { message: MessageItem['message'] }): boolean {
  return message.content?.kind === 'omitted';
}

export function push(state: HandoffState, { direction, item }: Undeliverable): HandoffState {
  if (direction === 'inbound') return { ...state, toAgent: [...state.toAgent, item] };
  return { ...state, toEndUser: [...state.toEndUser, item] };
}

function messagesOf(queue: (ToAgentItem | ToEndUserItem)[]): MessageItem[] {
  return queue.filter((item): item is MessageItem => item.kind === 'message');
}

function fitting<T extends MessageItem>(queue: MessageItem[], item: T, rereadable: boolean): T | undefined {
  const contents = queue.filter(({ message }) => message.content !== undefined);
  const bytes = sizeOf(item);
  // Once one is kept by reference those after it are as well: the queue is read again in one go.
  const isWhole = contents.length === queue.length && listBytes(contents) + bytes <= SHARES.pendingContent;
  const all = listBytes(queue);
  if (isWhole) return item;
  if (isTooLarge(item)) return all + bytes <= SHARES.pending ? item : undefined;
  if (!rereadable) return all + bytes <= SHARES.pending ? item : undefined;
  const { content: _, ...reference } = item.message;
  const referring = { ...item, message: reference };
  return all + sizeOf(referring) <= SHARES.pending ? referring : undefined;
}

/** Whether a message's content can be had again from where it came from. */
function isRereadable(state: HandoffState, entry: Undeliverable, { platform, contactCenters }: HandoffSettings) {
  if (entry.direction === 'inbound') return platform.history;
  const contactCenter = (state.cases[entry.item.ofCase ?? -1] ?? currentCase(state))?.contactCenter;
  return contactCenter !== undefined && (contactCenters[contactCenter]?.rereadable ?? false);
}

/** Marks a message as undeliverable and reports it to its sender. */
export function markUndeliverable(
  state: HandoffState,
  entry: Undeliverable,
  reason: UndeliverableReason,
): HandoffState {
  const { direction, item } = entry;
  const marked = {
    ...withStatus(state, direction, [item.message.id], 'undeliverable', reason),
    undeliverable: latestWithin([...state.undeliverable, entry], SHARES.undeliverable, 20),
    counts: { ...state.counts, undelivered: state.counts.undelivered + 1 },
  };
  if (direction === 'inbound') return withNotice(marked, 'undeliverable');
  return withNote(marked, { type: 'undeliverable', reason, at: item.message.at, count: 1 });
}

export function delivered(state: HandoffState, direction: Direction, ids: string[]): HandoffState {
  const counts = { ...state.counts, [direction]: state.counts[direction] + ids.length };
  return { ...withStatus(state, direction, ids, 'delivered'), counts };
}

/** The status of messages in the log. */
export function withStatus(
  state: HandoffState,
  direction: Direction,
  ids: string[],
  deliveryStatus: DeliveryStatus,
  reason?: UndeliverableReason,
): HandoffState {
  const messages = state.messages.map((view) => {
    if (view.direction !== direction || !ids.includes(view.id)) return view;
    const { id, at } = view;
    return { id, direction, at, deliveryStatus, ...(reason && { reason }) };
  });
  return { ...state, messages };
}

export function logMessage(
  state: HandoffState,
  direction: Direction,
  { id, at }: { id: string; at: string },
): HandoffState {
  const entry = { id, direction, at, deliveryStatus: 'accepted' as const };
  return { ...state, messages: latestWithin([...state.messages, entry], SHARES.log, LOGGED_MESSAGES) };
}

/** One of our own texts for the end user; one that is pending already is not said twice in a row. */
export function withNotice(state: HandoffState, text: TextKey): HandoffState {
  const last = state.toEndUser.at(-1);
  const isRepeated = last?.kind === 'notice' && last.text === text;
  const pending = state.toEndUser.filter((item) => item.kind === 'notice' && item.text === text).length;
  if (isRepeated || pending >= NOTICES) return state;
  const item = { kind: 'notice' as const, id: `${text}-${state.ownActs}`, text };
  return { ...state, ownActs: state.ownActs + 1, toEndUser: [...state.toEndUser, item] };
}

/** A line for the agents of the current case; several of a kind become one. */
export function withNote(state: HandoffState, note: Note): HandoffState {
  const current = currentCase(state);
  // Who was asked and did not take it reads nothing.
  if (!current || current.status === 'failed') return state;
  const item = { kind: 'note' as const, id: `${note.type}-${state.ownActs}`, caseKey: current.key, note };
  const toAgent = merged(state.toAgent, item);
  return toAgent ? { ...state, toAgent } : { ...state, ownActs: state.ownActs + 1, toAgent: [...state.toAgent, item] };
}

/** Notes for earlier cases that are pending; with more, their contact center is down for long or makes them up. */
const EARLIER_CASE_NOTES = 20;

/** A line for the agents of a case that is over for this handoff; several of a kind become one. */
export function withEarlierCaseNote(state: HandoffState, item: EarlierCaseNote): HandoffState {
  const pending = merged(state.toEarlierCases, item) ?? [...state.toEarlierCases, item];
  return pending.length > EARLIER_CASE_NOTES ? state : { ...state, toEarlierCases: pending };
}

/** The queue with the note as part of one of its kind; undefined where there is none. The first may be under way. */
function merged<T extends ToAgentItem | EarlierCaseNote>(queue: T[], item: { caseKey: string; note: Note }) {
  const isAlike = (one: T) => 'note' in one && one.caseKey === item.caseKey && isSameKind(one.note, item.note);
  const last = queue.findLastIndex((one, i) => i > 0 && isAlike(one));
  const alike = queue[last];
  if (!alike || !('note' in alike)) return undefined;
  return queue.with(last, { ...alike, note: merge(alike.note, item.note) });
}

function isSameKind(one: Note, other: Note): boolean {
  if (one.type !== other.type) return false;
  return one.type !== 'undeliverable' || other.type !== 'undeliverable' || one.reason === other.reason;
}

function merge(one: Note, other: Note): Note {
  if (one.type !== 'undeliverable' || other.type !== 'undeliverable') return other;
  return { ...one, count: one.count + other.count };
}

export function rememberSentIds(state: HandoffState, ids: string[]): HandoffState {
  return { ...state, sentIds: [...state.sentIds, ...ids].slice(-SENT_IDS) };
}

/** Where the platform cannot be read, what was relayed is kept for the transcript of a later case. */
export function rememberRelayed(
  state: HandoffState,
  author: 'end-user' | 'agent',
  message: InboundMessage & { agent?: { name: string } },
  settings: HandoffSettings,
): HandoffState {
  if (settings.platform.history) return state;
  const { id, at, content, agent } = message;
  const entry = { id, at, author, ...(agent && { name: agent.name }), content };
  return { ...state, relayed: latestWithin([...state.relayed, entry], SHARES.relayed) };
}

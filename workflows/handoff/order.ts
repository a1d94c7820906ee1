import type { HandoffEvent } from '../../domain/events';
import { LATE_MS, listBytes } from '../../domain/limits';
import type { Direction } from '../../domain/message';
import type { Call } from './calls';
import type { Context } from './context';
import type { HandoffState, HeldEvent, HoldableEvent, ToAgentItem, ToEndUserItem } from './state';

/**
 * The vendor's order, for what arrives in another one. Two means: a message that still waits lets an earlier one pass,
 * which costs nothing; and, where the account's settings say so, events are held back for a moment before they count.
 */

/** By how much times may differ between two messages that change places; more is a clock that has jumped. */
const WINDOW_MS = 5 * 60_000;
/** More than this at once is a burst: it counts as it arrives. */
const HELD_BYTES = 8 * 1024;

type Queue = 'toAgent' | 'toEndUser';
type Item = ToAgentItem | ToEndUserItem;
type MessageItem = Extract<Item, { kind: 'message' }>;

/** The state whose queue has just got this message at its end, with the message where it belongs. */
export function placed(
  state: HandoffState,
  direction: Direction,
  { id }: { id: string },
  { now, underWay = () => [] }: Context,
): HandoffState {
  if (direction === 'inbound')
    return { ...state, toAgent: withLast(state.toAgent, id, taken(underWay(), 'toAgent'), now) };
  return { ...state, toEndUser: withLast(state.toEndUser, id, taken(underWay(), 'toEndUser'), now) };
}

/** How many of a queue's first items are in the call under way. */
function taken(underWay: readonly Call[], queue: Queue): number {
  const counts = underWay.map((call) => {
    switch (call.activity) {
      case 'append':
        return queue === 'toAgent' ? call.request.messages.length : 0;
      case 'note':
        return queue === 'toAgent' ? 1 : 0;
      case 'send':
        return queue === 'toEndUser' ? call.request.messages.length : 0;
      case 'say':
      case 'announce':
        return queue === 'toEndUser' ? 1 : 0;
      default:
        return 0;
    }
  });
  return Math.max(0, ...counts);
}

function withLast<T extends Item>(queue: T[], id: string, first: number, now: string): T[] {
  const last = queue.at(-1);
  // One that could not be accepted is not there.
  if (last?.kind !== 'message' || last.message.id !== id) return queue;
  let to = queue.length - 1;
  while (to > first && letsPass(queue[to - 1]!, last)) to--;
  return [...queue.slice(0, to), inDoubtWhereLate(last, now) as T, ...queue.slice(to, -1)];
}

/** A message that nobody has tried to deliver yet, and that was written after the other, in the same case. */
function letsPass(waiting: Item, item: MessageItem): boolean {
  if (waiting.kind !== 'message' || isTried(waiting) || ofCase(waiting) !== ofCase(item)) return false;
  const later = Date.parse(waiting.message.at) - Date.parse(item.message.at);
  return later > 0 && later <= WINDOW_MS;
}

function isTried(item: MessageItem): boolean {
  const isBegun = 'partsSent' in item && (item.partsSent > 0 || item.announcingSince !== undefined);
  return isBegun || item.triedSince !== undefined || item.refusals !== undefined;
}

function ofCase(item: MessageItem): number | undefined {
  return 'ofCase' in item ? item.ofCase : undefined;
}

/** Found again after Temporal was restored from a backup, it may be there already. */
function inDoubtWhereLate(item: MessageItem, now: string): MessageItem {
  const { at } = item.message;
  return Date.parse(now) - Date.parse(at) > LATE_MS ? { ...item, triedSince: item.triedSince ?? at } : item;
}

/** While a handoff opens or closes its messages wait anyway. */
export function isHoldable(
  event: HandoffEvent,
  { phase }: HandoffState,
  { settings }: Context,
): event is HoldableEvent {
  return (settings.timers.holdBack ?? 0) > 0 && phase.name === 'active' && event.type !== 'handoff-requested';
}

export function held(state: HandoffState, event: HoldableEvent, { settings, now }: Context): HandoffState {
  const until = new Date(Date.parse(now) + settings.timers.holdBack!).toISOString();
  return { ...state, held: [...(state.held ?? []), { event, until }] };
}

/** When the next of the held events counts, epoch ms. */
export function heldUntil({ held: all = [] }: HandoffState): number | undefined {
  return all.length === 0 ? undefined : Math.min(...all.map(({ until }) => Date.parse(until)));
}

/** More is held than may be. */
export function holdsTooMuch({ held: all = [] }: HandoffState): boolean {
  return listBytes(all) > HELD_BYTES;
}

/** Lets the events count that are due, in the vendor's order, each after those of its side that were before it there. */
export function released(
  state: HandoffState,
  now: string | undefined,
  count: (state: HandoffState, event: HoldableEvent) => HandoffState,
): HandoffState {
  const all = state.held ?? [];
  if (all.length === 0) return state;
  const isDue = ({ until }: HeldEvent) => now === undefined || Date.parse(until) <= Date.parse(now);
  const goes = (one: HeldEvent) =>
    isDue(one) || all.some((due) => isDue(due) && sideOf(due) === sideOf(one) && timeOf(one) < timeOf(due));
  const { held: _, ...without } = state;
  const left = all.filter((one) => !goes(one));
  const inOrder = all.filter(goes).sort((one, other) => timeOf(one) - timeOf(other));
  const going = [...new Set(all.map(sideOf))].flatMap((side) => inOrder.filter((one) => sideOf(one) === side));
  return going.reduce((next, { event }) => count(next, event), left.length > 0 ? { ...without, held: left } : without);
}

/** Times of two vendors are not compared. */
function sideOf({ event }: HeldEvent): string {
  return 'caseKey' in event ? event.contactCenter : 'platform';
}

function timeOf({ event }: HeldEvent): number {
  return Date.parse('message' in event ? event.message.at : event.at);
}

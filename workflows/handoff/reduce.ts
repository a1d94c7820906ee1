import type { TransferRequest } from '../../domain/contract';
import { eventKey, type HandoffEvent, type HandoffRequested } from '../../domain/events';
import type { Outcome } from '../../domain/handoff';
import { hasNonce } from '../../domain/ids';
import { latestWithin, SHARES } from '../../domain/limits';
import type { Direction, InboundMessage } from '../../domain/message';
import { enqueueMessage, push, rememberRelayed, withStatus } from './backlog';
import { onCaseEvent, onForeignCase } from './case-events';
import type { Context } from './context';
import { held, holdsTooMuch, isHoldable, placed, released } from './order';
import {
  currentCase,
  ending,
  isAllDelivered,
  SEEN_LIMIT,
  type HandoffState,
  type HoldableEvent,
  type Undeliverable,
} from './state';
import { end, fallBack, nextStep, withNextCase } from './transitions';

/** What can happen to a handoff beside the ends of its calls: something arrives, a person decides, time passes. */
export type Occurrence =
  | HandoffEvent
  | { type: 'end'; outcome: Outcome; detail?: string }
  | { type: 'retry'; messageId: string; direction: Direction }
  | ({ type: 'transfer' } & TransferRequest)
  /** A contact center has had its time to accept the case. */
  | { type: 'not-accepted' }
  /** A step of closing has had its time. */
  | { type: 'step-over' }
  /** What was held back is due. */
  | { type: 'release' };

/** What an occurrence makes of the state. Pure; the ends of calls are the tracks' to settle. */
export function reduce(state: HandoffState, what: Occurrence, context: Context): HandoffState {
  return stillToDo(applied(state, what, context), context.now);
}

/** What arrives in the last moment, when all seemed done, is still to be delivered, or undeliverable. */
function stillToDo(state: HandoffState, now: string): HandoffState {
  const { phase } = state;
  if (phase.name !== 'closed' || isAllDelivered(state)) return state;
  const { outcome, detail } = phase;
  return { ...state, phase: { name: 'closing', outcome, ...(detail && { detail }), step: 'deliver-rest', since: now } };
}

function applied(state: HandoffState, what: Occurrence, context: Context): HandoffState {
  switch (what.type) {
    case 'end':
      return end(release(state, context), what.outcome, context.now, what.detail);
    case 'step-over':
      return nextStep(state, context.now);
    case 'release':
      return release(state, context, context.now);
    case 'retry':
      return onRetry(state, what.messageId, what.direction);
    case 'transfer':
      return onTransfer(state, what, context);
    case 'not-accepted':
      return onNotAccepted(state, context);
    default:
      return onEvent(state, what, context);
  }
}

/** Every event counts once; one of a case counts only from the contact center that holds it. */
function onEvent(state: HandoffState, event: HandoffEvent, context: Context): HandoffState {
  const key = eventKey(event);
  // Its own contact center may number like the one of the handoff before.
  if ('caseKey' in event && !hasNonce(event.caseKey, state.nonce)) {
    return context.seenBefore?.includes(key) ? state : onForeignCase(state, event);
  }
  if (state.seen.includes(key)) return state;
  if ('caseKey' in event) {
    const own = state.cases.find((one) => one.key === event.caseKey);
    if (own?.contactCenter !== event.contactCenter) return state;
  }
  const next = remember(state, key);
  if (event.type === 'handoff-requested') return ending(state) ? { ...next, requested: requestedBy(event) } : next;
  if (!isHoldable(event, state, context)) return counted(next, event, context);
  const holding = held(next, event, context);
  return holdsTooMuch(holding) ? release(holding, context) : holding;
}

function counted(state: HandoffState, event: HoldableEvent, context: Context): HandoffState {
  switch (event.type) {
    case 'inbound':
      return onInbound(state, event.message, context);
    case 'conversation-closed':
      return state.conversation === 'open' ? { ...state, doubts: { ...state.doubts, conversation: true } } : state;
    default:
      return onCaseEvent(state, event, context);
  }
}

/** Without a time, all that was held back counts now. */
function release(state: HandoffState, context: Context, now?: string): HandoffState {
  return released(state, now, (next, event) => counted(next, event, context));
}

/** The call of the next handoff waits in the state, and so within its budget: the latest of what the bot passes along. */
function requestedBy({ id, nonce, call }: HandoffRequested): NonNullable<HandoffState['requested']> {
  const history = call.history && latestWithin(call.history, SHARES.relayed);
  return { id, nonce, call: { ...call, ...(history && { history }) } };
}

/** Trimming costs; every so often is enough. */
const TRIM_EVERY = 64;

/** The state with these keys as the latest it has seen. */
export function remember(state: HandoffState, ...keys: string[]): HandoffState {
  const all = [...state.seen, ...keys];
  const isDue = all.length > SEEN_LIMIT || keys.length > 1 || all.length % TRIM_EVERY === 0;
  const seen = isDue ? latestWithin(all, SHARES.seen, SEEN_LIMIT) : all;
  return { ...state, seen, seenIsWhole: state.seenIsWhole && seen.length === all.length };
}

function onInbound(state: HandoffState, message: InboundMessage, context: Context): HandoffState {
  const { settings, now } = context;
  const last = enqueueMessage(
    {
      ...state,
      replyTo: message.replyTo ?? state.replyTo,
      lastInboundAt: later(state.lastInboundAt, message.at),
    },
    { direction: 'inbound', item: { kind: 'message', message } },
    settings,
  );
  const relayed = rememberRelayed(placed(last, 'inbound', message, context), 'end-user', message, settings);
  return asksToEnd(message, settings.endKeywords) ? end(relayed, 'ended-by-user', now) : relayed;
}

function asksToEnd({ content }: InboundMessage, endKeywords: string[]): boolean {
  if (content.kind !== 'text') return false;
  const said = content.text.trim().toLowerCase();
  return endKeywords.some((keyword) => keyword.toLowerCase() === said);
}

function onRetry(state: HandoffState, messageId: string, direction: Direction): HandoffState {
  const entry = state.undeliverable.find((one) => one.direction === direction && one.item.message.id === messageId);
  if (!entry) return state;
  const accepted = withStatus(state, direction, [messageId], 'accepted');
  const item = afresh(entry.item);
  return push(
    {
      ...accepted,
      undeliverable: state.undeliverable.filter((other) => other !== entry),
      counts: { ...state.counts, undelivered: state.counts.undelivered - 1 },
    },
    { ...entry, item } as typeof entry,
  );
}

/** As it was before its first attempt, but for what may have got through: that is still read back. */
function afresh<I extends Undeliverable['item']>(item: I): I {
  const fresh = { ...item };
  delete fresh.refusals;
  delete fresh.attemptsSince;
  if ('announcingSince' in fresh) delete fresh.announcingSince;
  return fresh;
}

/** A new case is opened from what the platform says by then; until its contact center has it, all goes on as before. */
function onTransfer(
  state: HandoffState,
  { to, queue }: Extract<Occurrence, { type: 'transfer' }>,
  { now }: Context,
): HandoffState {
  const before = currentCase(state);
  if (!before) return state;
  const { language, priority } = before;
  const route = {
    ...(queue !== undefined && { queue }),
    ...(language !== undefined && { language }),
    contactCenter: to,
    priority,
  };
  return withNextCase(state, before, route, now);
}

/** No agent has joined or answered in time: another contact center may have one. */
function onNotAccepted(state: HandoffState, { now }: Context): HandoffState {
  const current = currentCase(state);
  return (current && fallBack(state, current, now)) ?? state;
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && Date.parse(one) > Date.parse(other) ? one : other;
}

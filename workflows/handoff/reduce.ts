import type { TransferRequest } from '../../domain/contract';
import { eventKey, type HandoffEvent, type HandoffRequested, type OwnedCaseEvent } from '../../domain/events';
import type { HandoffSettings, Outcome } from '../../domain/handoff';
import { caseKey } from '../../domain/ids';
import { jsonBytes, latestWithin, SHARES } from '../../domain/limits';
import type { Direction, InboundMessage } from '../../domain/message';
import { enqueueMessage, logMessage, push, markUndeliverable, rememberRelayed, withNote, withStatus } from './backlog';
import type { Call } from './calls';
import { held, holdsTooMuch, isHoldable, placed, released } from './order';
import {
  currentCase,
  ending,
  isPastGoodbye,
  openingCase,
  SEEN_LIMIT,
  type HandoffState,
  type HoldableEvent,
  type ToEndUserItem,
  type Undeliverable,
} from './state';
import { end, lastSpeaker, nextStep, withCase } from './transitions';

/** What can happen to a handoff beside the ends of its calls: something arrives, a person decides, time passes. */
export type Occurrence =
  | HandoffEvent
  | { type: 'end'; outcome: Outcome; detail?: string }
  | { type: 'retry'; messageId: string; direction: Direction }
  | ({ type: 'transfer'; handoffId: string } & TransferRequest)
  /** A step of closing has had its time. */
  | { type: 'step-over' }
  /** What was held back is due. */
  | { type: 'release' };

export interface Context {
  settings: HandoffSettings;
  /** ISO 8601. */
  now: string;
  /** The calls that are being made at this moment. */
  underWay?: () => readonly Call[];
}

/** What an occurrence makes of the state. Pure; the ends of calls are the tracks' to settle. */
export function reduce(state: HandoffState, what: Occurrence, context: Context): HandoffState {
  return stillToDo(applied(state, what, context), context.now);
}

/** What arrives in the last moment, when all seemed done, is still to be delivered, or undeliverable. */
function stillToDo(state: HandoffState, now: string): HandoffState {
  const { phase, toAgent, toEndUser } = state;
  if (phase.name !== 'closed' || toAgent.length + toEndUser.length === 0) return state;
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
    default:
      return onEvent(state, what, context);
  }
}

/** Every event counts once; one of a case counts only from the contact center that holds it. */
function onEvent(state: HandoffState, event: HandoffEvent, context: Context): HandoffState {
  const key = eventKey(event);
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

function onCaseEvent(state: HandoffState, event: OwnedCaseEvent, context: Context): HandoffState {
  const opening = openingCase(state);
  const isOpening = event.caseKey === opening?.key;
  if (!isOpening && event.caseKey !== currentCase(state)?.key) return onEarlierCase(state, event);
  switch (event.type) {
    case 'agent-message':
      return onAgentMessage(withAnswer(state, event), event, context);
    case 'agent-joined':
      return onAgentChange(withAnswer(state, event), { kind: 'joined', agent: event.agent });
    case 'agent-left':
      return onAgentChange(state, { kind: 'left', agent: event.agent });
    case 'transferred': {
      const agent = lastSpeaker(state);
      return agent ? onAgentChange(state, { kind: 'left', agent }) : state;
    }
    case 'case-closed': {
      const closed = withCase(state, event.caseKey, { status: 'closed' });
      // Who hands a case on may close it: the handoff goes on in the next one.
      return openingCase(closed) ? closed : end(closed, 'resolved', context.now);
    }
    case 'case-reopened':
      return isOpening ? state : onReopened(state, event.caseKey);
  }
}

/** Whoever answers in a case that is being opened was faster than the contact center's answer to us. */
function withAnswer(state: HandoffState, { caseKey: key }: OwnedCaseEvent): HandoffState {
  if (isPastGoodbye(state)) return state;
  return key === openingCase(state)?.key ? withCase(state, key, { answered: true }) : { ...state, answered: true };
}

/** A case that the handoff has moved on from: what its agents still do reaches nobody, and they learn it. */
function onEarlierCase(state: HandoffState, event: OwnedCaseEvent): HandoffState {
  // One that came about although its opening failed: it is closed, and cannot be written to.
  if (state.cases.some(({ key, status }) => key === event.caseKey && status === 'failed')) return state;
  switch (event.type) {
    case 'agent-message':
      return withNote(
        state,
        { type: 'undeliverable', reason: 'case-closed', at: event.message.at, count: 1 },
        event.caseKey,
      );
    case 'case-closed':
      return withCase(state, event.caseKey, { status: 'closed' });
    case 'case-reopened':
      return withNote(withCase(state, event.caseKey, { status: 'open' }), { type: 'conversation-over' }, event.caseKey);
    default:
      return state;
  }
}

function onAgentMessage(
  state: HandoffState,
  { caseKey: of, message }: Extract<OwnedCaseEvent, { type: 'agent-message' }>,
  context: Context,
): HandoffState {
  const { settings } = context;
  const ofCase = state.cases.findIndex(({ key }) => key === of);
  const entry = { direction: 'outbound' as const, item: { kind: 'message' as const, message, partsSent: 0, ofCase } };
  // The goodbye is the last word: what an agent writes after it would reach the end user as from nowhere.
  if (isPastGoodbye(state))
    return markUndeliverable(logMessage(state, 'outbound', message), entry, 'conversation-closed');
  const next = placed(enqueueMessage(state, entry, settings), 'outbound', message, context);
  return rememberRelayed(next, 'agent', message, settings);
}

/** An agent who comes or goes after the goodbye has nobody left to be announced to. */
function onAgentChange(state: HandoffState, item: ToEndUserItem): HandoffState {
  const pending = state.toEndUser.filter(({ kind }) => kind === 'joined' || kind === 'left');
  // Enough for any honest coming and going; a contact center that reports it without end fills no queue.
  if (isPastGoodbye(state) || jsonBytes([...pending, item]) > SHARES.changes) return state;
  return { ...state, toEndUser: [...state.toEndUser, item] };
}

/** A case that its agent opens again before the goodbye goes on as if nothing had been; later, the agent learns that it is over. */
function onReopened(state: HandoffState, key: string): HandoffState {
  // One that we have not seen yet is still to be found.
  const isFound = state.cases.some((one) => one.key === key && one.ref);
  const next = withCase(state, key, { status: isFound ? 'open' : 'opening' });
  if (state.phase.name !== 'closing') return next;
  if (isPastGoodbye(state) || state.phase.outcome !== 'resolved') return withNote(next, { type: 'conversation-over' });
  return { ...next, phase: { name: next.cases.some(({ ref }) => ref) ? 'active' : 'opening' } };
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
  { handoffId, to, queue }: Extract<Occurrence, { type: 'transfer' }>,
  { now }: Context,
): HandoffState {
  const before = currentCase(state);
  if (!before) return state;
  const { language, priority } = before;
  const key = caseKey(handoffId, state.nonce, state.cases.length + 1);
  const next = {
    ...(queue !== undefined && { queue }),
    ...(language !== undefined && { language }),
    contactCenter: to,
    priority,
    key,
    status: 'opening' as const,
    since: now,
    linked: false,
    settled: false,
  };
  return { ...state, cases: [...state.cases, next], context: 'pending' };
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && Date.parse(one) > Date.parse(other) ? one : other;
}

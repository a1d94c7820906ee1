import type { OwnedCaseEvent } from '../../domain/events';
import { LATE_NOTE_ID, needsLateNote } from '../../domain/late-note';
import { jsonBytes, SHARES } from '../../domain/limits';
import {
  enqueueMessage,
  logMessage,
  markUndeliverable,
  rememberRelayed,
  withEarlierCaseNote,
  withNote,
} from './backlog';
import type { Context } from './context';
import { placed } from './order';
import { currentCase, isPastGoodbye, openingCase, type HandoffState, type Note, type ToEndUserItem } from './state';
import { end, lastSpeaker, withCase } from './transitions';

/** What an event of one of its cases makes of a handoff. */
export function onCaseEvent(state: HandoffState, event: OwnedCaseEvent, context: Context): HandoffState {
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
      return noted(state, event, { type: 'undeliverable', reason: 'case-closed', at: event.message.at, count: 1 });
    case 'case-closed':
      return withCase(state, event.caseKey, { status: 'closed' });
    case 'case-reopened':
      return noted(withCase(state, event.caseKey, { status: 'open' }), event, { type: 'conversation-over' });
    default:
      return state;
  }
}

function noted(state: HandoffState, { caseKey, contactCenter }: OwnedCaseEvent, note: Note): HandoffState {
  const item = { id: `${note.type}-${state.ownActs}`, contactCenter, caseKey, note };
  return withEarlierCaseNote({ ...state, ownActs: state.ownActs + 1 }, item);
}

/**
 * A case of a handoff that the conversation had before this one: its agents learn, once, that it is over. Their note
 * has the id of the one that they get where no other handoff runs.
 */
export function onForeignCase(state: HandoffState, event: OwnedCaseEvent): HandoffState {
  if (!needsLateNote(event)) return state;
  const { caseKey, contactCenter } = event;
  return withEarlierCaseNote(state, { id: LATE_NOTE_ID, contactCenter, caseKey, note: { type: 'conversation-over' } });
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

import { undeliverableReason } from '../../domain/failures';
import type { HandoffSettings } from '../../domain/handoff';
import type { Agent, Direction, DeliveryStatus, UndeliverableReason } from '../../domain/message';
import { readableTime } from '../../domain/transcript';
import { remember, type GivenUp, type HandoffState, type InboundItem, type StepFailure } from './state';
import { partsOf, type InboundStep, type OutboundStep } from './steps';
import { ending, withNotice } from './transitions';

/** What the end of a step makes of the state. */

export function inboundDone(state: HandoffState, step: InboundStep, settings: HandoffSettings): HandoffState {
  if (step.kind === 'refuse') {
    const [head, ...rest] = state.inbound;
    const without = { ...state, inbound: rest };
    return head?.kind === 'message' ? givenUp(without, 'inbound', head, 'no-case') : without;
  }
  if (step.kind === 'note') {
    const rest = state.inbound.slice(1);
    const head = state.inbound[0];
    const noted = { ...state, inbound: rest };
    return step.forMessage && head?.kind === 'message' ? delivered(noted, 'inbound', [head.message.id]) : noted;
  }
  const appended = {
    ...state,
    inbound: state.inbound.slice(step.messages.length),
    alone: Math.max(0, state.alone - step.messages.length),
    caseOver: state.caseOver && !opensCase(state, settings),
  };
  return delivered(
    appended,
    'inbound',
    step.messages.map(({ id }) => id),
  );
}

/** A message that was on its way while the case was closed has opened some vendors' cases again: they need closing. */
function opensCase({ route }: HandoffState, { contactCenters }: HandoffSettings): boolean {
  return contactCenters[route!.contactCenter]!.afterClose === 'note';
}

/** @param since when the step was first tried: it may have got through all the same. */
export function inboundFailed(
  state: HandoffState,
  step: InboundStep,
  failure: StepFailure,
  since: string,
): HandoffState {
  if (step.kind === 'append' && (failure === 'case-closed' || failure === 'not-found') && !state.caseOver) {
    // The case has ended without a word: the message stays in its lane, and closing decides what becomes of it.
    return ending({ ...state, caseOver: true }, 'resolved', 'The contact center takes no more messages for this case.');
  }
  if (step.kind === 'append' && step.messages.length > 1) {
    const together = step.messages.length;
    const inbound = state.inbound.map((item, i) =>
      i < together ? { ...item, triedSince: item.triedSince ?? since } : item,
    );
    return { ...state, inbound, alone: together };
  }
  const [head, ...rest] = state.inbound;
  const next = { ...state, inbound: rest, alone: Math.max(0, state.alone - 1) };
  if (head?.kind !== 'message') return next;
  const item = { ...head, triedSince: head.triedSince ?? since };
  return withNotice(givenUp(next, 'inbound', item, undeliverableReason(failure)), 'undeliverable');
}

/** @param platformIds what the platform calls the messages that went out: as many of the step's as were sent */
export function outboundDone(
  state: HandoffState,
  step: OutboundStep,
  settings: HandoffSettings,
  platformIds: string[],
): HandoffState {
  const next = { ...state, sentIds: remember.sentIds(state, platformIds) };
  switch (step.kind) {
    case 'refuse':
      return refuseHead(next);
    case 'say':
    case 'skip':
      return { ...next, outbound: next.outbound.slice(1) };
    case 'announce':
      return announced(next, step.change, step.agent);
    case 'send':
      return platformIds.reduce((sent) => partSent(sent, settings), next);
  }
}

function refuseHead(state: HandoffState): HandoffState {
  const [head, ...rest] = state.outbound;
  const without = { ...state, outbound: rest };
  return head?.kind === 'message' ? refuseOutbound(without, head, 'conversation-closed') : without;
}

function partSent(state: HandoffState, settings: HandoffSettings): HandoffState {
  const [head, ...rest] = state.outbound;
  if (head?.kind !== 'message') return state;
  const parts = partsOf(head.message.content, settings.platform.textLimit).length;
  if (head.partsSent + 1 < parts) {
    return { ...state, outbound: [{ ...head, partsSent: head.partsSent + 1, triedSince: undefined }, ...rest] };
  }
  return delivered({ ...state, outbound: rest }, 'outbound', [head.message.id]);
}

/** The item that asked for it stays at the head until the state itself says that nothing is missing. */
function announced(state: HandoffState, change: 'joined' | 'left', agent: Agent): HandoffState {
  const representative = change === 'joined' ? ({ type: 'HUMAN', agent } as const) : ({ type: 'BOT' } as const);
  return { ...state, representative, ownActs: state.ownActs + 1 };
}

/** @param since as in {@link inboundFailed} */
export function outboundFailed(
  state: HandoffState,
  step: OutboundStep,
  failure: StepFailure,
  since: string,
): HandoffState {
  const gone = failure === 'conversation-closed' || failure === 'not-found';
  const next = gone ? ending({ ...state, conversationOver: true }, 'closed-elsewhere') : state;
  if (step.kind === 'announce' && step.change === 'left') return announced(next, 'left', step.agent);
  const [head, ...rest] = next.outbound;
  const without = { ...next, outbound: rest };
  if (head?.kind !== 'message') return without;
  const item = { ...head, triedSince: head.triedSince ?? since };
  return refuseOutbound(without, item, gone ? 'conversation-closed' : undeliverableReason(failure));
}

/** A step that a new run of the workflow has cut short is taken up there, and looks first what became of it. */
export function interrupted(state: HandoffState, lane: Direction, since: string): HandoffState {
  const mark = <T extends { triedSince?: string }>([head, ...rest]: T[]): T[] =>
    head ? [{ ...head, triedSince: head.triedSince ?? since }, ...rest] : [];
  return lane === 'inbound' ? { ...state, inbound: mark(state.inbound) } : { ...state, outbound: mark(state.outbound) };
}

/** Gives an agent's message up and tells the agent. */
export function refuseOutbound(state: HandoffState, item: GivenUp, reason: UndeliverableReason): HandoffState {
  return tellAgent(givenUp(state, 'outbound', item, reason), item, reason);
}

/** What was given up is told to its sender: to the agent by a line that the end user never sees. */
function tellAgent(state: HandoffState, { message }: GivenUp, reason: UndeliverableReason): HandoffState {
  const why = REASONS[reason];
  const text = `Not delivered to the customer (${why}): the message of ${readableTime(message.at)}.`;
  const note: InboundItem = { kind: 'note', id: `undelivered-${message.id}`, text };
  return { ...state, inbound: [...state.inbound, note] };
}

const REASONS: Record<UndeliverableReason, string> = {
  'too-large': 'too large for the channel',
  unsupported: 'the channel cannot carry this kind of content',
  rejected: 'the channel refused it',
  'conversation-closed': 'the conversation is closed',
  'case-closed': 'the case is closed',
  'no-case': 'there is no case',
  'timed-out': 'the channel could not be reached in time',
};

function delivered(state: HandoffState, direction: Direction, ids: string[]): HandoffState {
  const counts = { ...state.counts, [direction]: state.counts[direction] + ids.length };
  return { ...withStatus(state, direction, ids, 'delivered'), counts };
}

function givenUp(state: HandoffState, direction: Direction, item: GivenUp, reason: UndeliverableReason): HandoffState {
  return {
    ...withStatus(state, direction, [item.message.id], 'undeliverable', reason),
    givenUp: remember.givenUp(state, item),
    counts: { ...state.counts, undelivered: state.counts.undelivered + 1 },
  };
}

function withStatus(
  state: HandoffState,
  direction: Direction,
  ids: string[],
  deliveryStatus: DeliveryStatus,
  reason?: UndeliverableReason,
): HandoffState {
  const messages = state.messages.map((view) =>
    view.direction === direction && ids.includes(view.id)
      ? { ...view, deliveryStatus, ...(reason && { reason }) }
      : view,
  );
  return { ...state, messages };
}

import { eventKey, type HandoffEvent } from '../../domain/events';
import type { CaseRef, HandoffSettings, Outcome } from '../../domain/handoff';
import type { AgentMessage, Direction, InboundMessage } from '../../domain/message';
import type { Route } from '../../domain/routing';
import type { TextKey } from '../../domain/texts';
import { inboundDone, inboundFailed, interrupted, outboundDone, outboundFailed, refuseOutbound } from './results';
import { remember, type Gathered, type HandoffState, type OutboundItem, type StepFailure } from './state';
import type { InboundStep, OutboundStep } from './steps';
import { ending, withNotice } from './transitions';

/** What can happen to a handoff: something arrives, a step has ended, or the workflow itself gets on. */
export type Fact =
  | HandoffEvent
  | { type: 'gathered'; gathered: Gathered }
  | { type: 'routed'; route: Route }
  | { type: 'opened'; case: CaseRef }
  | { type: 'inbound-done'; step: InboundStep }
  | { type: 'inbound-failed'; step: InboundStep; failure: StepFailure; since: string }
  | { type: 'outbound-done'; step: OutboundStep; platformIds: string[] }
  | { type: 'outbound-failed'; step: OutboundStep; failure: StepFailure; since: string }
  | { type: 'interrupted'; lane: Direction; since: string }
  | { type: 'retry'; messageId: string }
  | { type: 'end'; outcome: Outcome; detail?: string }
  | { type: 'said-goodbye' }
  | { type: 'conversation-over' }
  | { type: 'ended' };

/** The whole of a handoff's logic but for what to do next, which {@link steps} derives from the state. Pure. */
export function reduce(state: HandoffState, fact: Fact, settings: HandoffSettings): HandoffState {
  switch (fact.type) {
    case 'inbound':
    case 'conversation-closed':
    case 'agent-message':
    case 'agent-joined':
    case 'agent-left':
    case 'transferred':
    case 'case-closed':
    case 'case-reopened':
      return onEvent(state, fact, settings);
    case 'gathered':
      return onGathered(state, fact.gathered);
    case 'routed':
      return { ...state, route: fact.route };
    case 'opened':
      return withNotice({ ...state, case: fact.case, gathered: withoutIds(state.gathered) }, 'waiting');
    case 'inbound-done':
      return inboundDone(state, fact.step, settings);
    case 'inbound-failed':
      return inboundFailed(state, fact.step, fact.failure, fact.since);
    case 'outbound-done':
      return outboundDone(state, fact.step, settings, fact.platformIds);
    case 'outbound-failed':
      return outboundFailed(state, fact.step, fact.failure, fact.since);
    case 'interrupted':
      return interrupted(state, fact.lane, fact.since);
    case 'retry':
      return onRetry(state, fact.messageId);
    case 'end':
      return ending(state, fact.outcome, fact.detail);
    case 'said-goodbye':
      return onGoodbye(state);
    case 'conversation-over':
      return { ...state, conversationOver: true };
    case 'ended':
      return { ...state, ended: true };
  }
}

/** Every event counts once, and an event of another case of the same conversation not at all. */
function onEvent(state: HandoffState, event: HandoffEvent, settings: HandoffSettings): HandoffState {
  if ('caseKey' in event && event.caseKey !== state.key) return state;
  const key = eventKey(event);
  if (state.seen.includes(key)) return state;
  const next = { ...state, seen: remember.seen(state, key) };
  switch (event.type) {
    case 'inbound':
      return onInbound(next, event.message, settings.endKeywords);
    case 'agent-message':
      return onAgentMessage(next, event.message);
    case 'agent-joined':
      return onAgentChange(next, { kind: 'joined', agent: event.agent });
    case 'agent-left':
      return onAgentChange(next, { kind: 'left', agent: event.agent });
    case 'transferred': {
      const agent = speakingAtTheEndOf(next);
      return agent ? onAgentChange(next, { kind: 'left', agent }) : next;
    }
    case 'case-closed':
      return ending({ ...next, caseOver: true }, 'resolved');
    case 'case-reopened':
      return reopened(next);
    case 'conversation-closed':
      return ending({ ...next, conversationOver: true }, 'closed-elsewhere');
  }
}

function onInbound(state: HandoffState, message: InboundMessage, endKeywords: string[]): HandoffState {
  const next: HandoffState = {
    ...state,
    replyTo: message.replyTo ?? state.replyTo,
    lastInboundAt: later(state.lastInboundAt, message.at),
    inbound: [...state.inbound, { kind: 'message', message }],
    messages: remember.message(state, {
      id: message.id,
      direction: 'inbound',
      at: message.at,
      deliveryStatus: 'accepted',
    }),
  };
  return asksToEnd(message, endKeywords) ? ending(next, 'ended-by-user') : next;
}

function asksToEnd({ content }: InboundMessage, endKeywords: string[]): boolean {
  if (content.kind !== 'text') return false;
  const said = content.text.trim().toLowerCase();
  return endKeywords.some((keyword) => keyword.toLowerCase() === said);
}

function onAgentMessage(state: HandoffState, message: AgentMessage): HandoffState {
  const item = { kind: 'message', message, partsSent: 0 } as const;
  const messages = remember.message(state, {
    id: message.id,
    direction: 'outbound',
    at: message.at,
    deliveryStatus: 'accepted',
  });
  // The goodbye is the last word: what an agent writes after it would reach the end user as from nowhere.
  if (state.closing?.goodbye) return refuseOutbound({ ...state, messages }, item, 'conversation-closed');
  return { ...state, messages, answered: true, outbound: [...state.outbound, item] };
}

/** An agent who comes or goes after the goodbye has nobody left to be announced to. */
function onAgentChange(state: HandoffState, item: OutboundItem): HandoffState {
  if (state.closing?.goodbye) return state;
  return { ...state, answered: state.answered || item.kind === 'joined', outbound: [...state.outbound, item] };
}

/** The agent who will be speaking once all that waits is out. */
function speakingAtTheEndOf(state: HandoffState) {
  const last = state.outbound.findLast((item) => item.kind !== 'notice');
  if (last?.kind === 'left') return undefined;
  if (last) return last.kind === 'message' ? last.message.agent : last.agent;
  return state.representative.type === 'HUMAN' ? state.representative.agent : undefined;
}

function onGathered(state: HandoffState, gathered: Gathered): HandoffState {
  const transcript = gathered.messageIds.map((id) => `p:${id}`);
  const known = new Set(transcript);
  return {
    ...state,
    gathered,
    replyTo: state.replyTo ?? gathered.replyTo,
    seen: remember.seen({ ...state, seen: [] }, ...transcript, ...state.seen.filter((key) => !known.has(key))),
    inbound: state.inbound.filter((item) => item.kind !== 'message' || !known.has(`p:${item.message.id}`)),
    messages: state.messages.filter((view) => view.direction !== 'inbound' || !known.has(`p:${view.id}`)),
  };
}

/** The transcript's ids are in `seen` for good; once the case has it, a second copy only weighs on continue-as-new. */
function withoutIds(gathered: Gathered | undefined): Gathered | undefined {
  return gathered && { ...gathered, messageIds: [] };
}

/** A case that its agent opens again before we have said goodbye goes on as if nothing had been. */
function reopened(state: HandoffState): HandoffState {
  const next = { ...state, caseOver: false };
  if (state.closing?.outcome !== 'resolved' || state.closing.goodbye) return next;
  return { ...next, closing: undefined };
}

const GOODBYES: Record<Outcome, TextKey | undefined> = {
  resolved: 'goodbye',
  'ended-by-user': 'ended',
  unanswered: 'unanswered',
  unavailable: 'unavailable',
  'closed-elsewhere': undefined,
  cancelled: 'goodbye',
};

/** The agent leaves, and what is said after that is the bot's side again. */
function onGoodbye(state: HandoffState): HandoffState {
  if (!state.closing || state.closing.goodbye) return state;
  const closing = { ...state.closing, goodbye: true };
  const agent = speakingAtTheEndOf(state);
  const left = agent ? { ...state, outbound: [...state.outbound, { kind: 'left' as const, agent }] } : state;
  const text = state.conversationOver ? undefined : GOODBYES[closing.outcome];
  return { ...(text ? withNotice(left, text) : left), closing };
}

function onRetry(state: HandoffState, messageId: string): HandoffState {
  const item = state.givenUp.find(({ message }) => message.id === messageId);
  if (!item) return state;
  return {
    ...state,
    givenUp: state.givenUp.filter((other) => other !== item),
    ...('partsSent' in item ? { outbound: [...state.outbound, item] } : { inbound: [...state.inbound, item] }),
    counts: { ...state.counts, undelivered: state.counts.undelivered - 1 },
    messages: state.messages.map((view) =>
      view.id === messageId
        ? { id: view.id, direction: view.direction, at: view.at, deliveryStatus: 'accepted' }
        : view,
    ),
  };
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && Date.parse(one) > Date.parse(other) ? one : other;
}

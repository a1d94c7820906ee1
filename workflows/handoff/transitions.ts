import type { Outcome } from '../../domain/handoff';
import { caseKey, handoffIdOfCaseKey, MAX_CASES } from '../../domain/ids';
import { sameAgent, type Agent } from '../../domain/message';
import type { Route } from '../../domain/routing';
import type { TextKey } from '../../domain/texts';
import { withNotice } from './backlog';
import { CLOSING_STEPS, ending, type Case, type HandoffState } from './state';

/** The first end is the end: an agent's close that crosses an end user's `/end` changes nothing. */
export function end(state: HandoffState, outcome: Outcome, now: string, detail?: string): HandoffState {
  if (ending(state)) return state;
  const phase = { name: 'closing' as const, outcome, ...(detail && { detail: detail.slice(0, 500) }) };
  return { ...state, phase: { ...phase, step: CLOSING_STEPS[0], since: now } };
}

export function withCase(state: HandoffState, key: string, change: Partial<Case>): HandoffState {
  return { ...state, cases: state.cases.map((one) => (one.key === key ? { ...one, ...change } : one)) };
}

/**
 * With another case to be opened, from what the platform says by then; until that is done, all goes on as before. What
 * would have been tried after the case before it is no longer asked for.
 */
export function withNextCase(state: HandoffState, before: Case, route: Route, now: string): HandoffState {
  const { cases } = withCase(state, before.key, { fallbacks: undefined });
  const next = newCase(state, route, handoffIdOfCaseKey(before.key)!, now);
  return { ...state, cases: [...cases, next], context: 'pending' };
}

/** A case that its contact center is still to take. */
export function newCase({ cases, nonce }: HandoffState, route: Route, handoffId: string, now: string): Case {
  const key = caseKey(handoffId, nonce, cases.length + 1);
  return { ...route, key, status: 'opening', since: now, linked: false, settled: false };
}

/** On to the next contact center of the rule, where there is one: it is tried once. */
export function fallBack(state: HandoffState, before: Case, now: string): HandoffState | undefined {
  const { queue, language, priority, fallbacks = [] } = before;
  const [contactCenter, ...rest] = fallbacks;
  if (contactCenter === undefined || ending(state) || state.cases.length >= MAX_CASES) return undefined;
  const route = { contactCenter, queue, language, priority, ...(rest.length > 0 && { fallbacks: rest }) };
  return withNextCase(state, before, route, now);
}

/** On to the next step of closing; the goodbye is put into its queue as its step begins. */
export function nextStep(state: HandoffState, now: string): HandoffState {
  if (state.phase.name !== 'closing') return state;
  const { step, outcome, detail } = state.phase;
  const following = CLOSING_STEPS[CLOSING_STEPS.indexOf(step) + 1];
  if (!following) return { ...state, phase: { name: 'closed', outcome, ...(detail && { detail }), at: now } };
  const next: HandoffState = { ...state, phase: { ...state.phase, step: following, since: now } };
  return following === 'goodbye' ? withGoodbye(next, outcome) : next;
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
function withGoodbye(state: HandoffState, outcome: Outcome): HandoffState {
  const agent = lastSpeaker(state);
  const left = agent ? { ...state, toEndUser: [...state.toEndUser, { kind: 'left' as const, agent }] } : state;
  const text = state.conversation === 'open' ? GOODBYES[outcome] : undefined;
  return text ? withNotice(left, text) : left;
}

/** The agent who will be speaking once all that is pending is out. */
export function lastSpeaker({ toEndUser, representative }: HandoffState): Agent | undefined {
  let speaker = representative.type === 'HUMAN' ? representative.agent : undefined;
  for (const item of toEndUser) {
    if (item.kind === 'message') speaker = item.message.agent;
    else if (item.kind === 'joined') speaker = item.agent;
    else if (item.kind === 'left' && speaker && sameAgent(speaker, item.agent)) speaker = undefined;
  }
  return speaker;
}

import type { Outcome } from '../../domain/handoff';
import { sameAgent, type Agent } from '../../domain/message';
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

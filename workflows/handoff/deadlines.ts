import { heldUntil } from './order';
import { currentCase, type HandoffState } from './state';
import { STEP_LIMITS_MS } from './tracks/closing';
import type { Occurrence } from './reduce';
import type { HandoffSettings } from '../../domain/handoff';

/** A moment at which something happens unless something else happens before. `at` in epoch ms. */
export interface Deadline {
  at: number;
  occurrence: Occurrence;
  /** What the Temporal UI shows of the timer. */
  summary: string;
}

/** Every timer of a handoff is a row here. They follow from the state: whatever changes it moves or removes them. */
export function deadlines(state: HandoffState, settings: HandoffSettings): Deadline[] {
  return [
    ...heldBack(state),
    ...notAccepted(state, settings),
    ...unanswered(state, settings),
    ...closingStep(state, settings),
  ];
}

export function earliest(state: HandoffState, settings: HandoffSettings): Deadline | undefined {
  return deadlines(state, settings).sort((one, other) => one.at - other.at)[0];
}

function heldBack(state: HandoffState): Deadline[] {
  const at = heldUntil(state);
  return at === undefined ? [] : [{ at, occurrence: { type: 'release' }, summary: "In the vendor's order" }];
}

function unanswered(state: HandoffState, { timers: { answerWithin } }: HandoffSettings): Deadline[] {
  const current = currentCase(state);
  if (state.phase.name !== 'active' || state.answered || answerWithin === null || !current) return [];
  const at = Date.parse(current.takenAt ?? current.since) + answerWithin;
  return [{ at, occurrence: { type: 'end', outcome: 'unanswered' }, summary: 'No agent has answered' }];
}

/** A contact center that has another after it in the rule is not waited for longer than that. */
function notAccepted(state: HandoffState, { timers: { acceptWithin } }: HandoffSettings): Deadline[] {
  const current = currentCase(state);
  if (state.phase.name !== 'active' || state.answered || acceptWithin === null || !current?.fallbacks) return [];
  const at = Date.parse(current.takenAt ?? current.since) + acceptWithin;
  return [{ at, occurrence: { type: 'not-accepted' }, summary: 'No agent has accepted' }];
}

function closingStep({ phase, representative, toEndUser }: HandoffState, { platform }: HandoffSettings): Deadline[] {
  if (phase.name !== 'closing') return [];
  const limit = STEP_LIMITS_MS[phase.step];
  // Where the agent's leaving is what gives the conversation back, nothing goes on without it.
  const isAgentThere = representative.type === 'HUMAN' || toEndUser.some(({ kind }) => kind === 'left');
  const mustLeave = phase.step === 'goodbye' && platform.representatives && isAgentThere;
  if (limit === undefined || mustLeave) return [];
  return [
    { at: Date.parse(phase.since) + limit, occurrence: { type: 'step-over' }, summary: `Closing: ${phase.step}` },
  ];
}

import { sameAgent, type Agent } from '../../../domain/message';
import type { HandoffState, ToEndUserItem } from '../state';

/** An agent begins or stops to speak to the end user. */
export type Change = { change: 'joined' | 'left'; agent: Agent };

function isSpeaking({ representative }: HandoffState, agent: Agent): boolean {
  return representative.type === 'HUMAN' && sameAgent(representative.agent, agent);
}

/** The announcement that is missing before this item is done or may go out, one at a time: the other agent leaves first. */
export function missingChange(state: HandoffState, item: ToEndUserItem): Change | undefined {
  if (item.kind === 'notice') return undefined;
  const agent = item.kind === 'message' ? item.message.agent : item.agent;
  if (item.kind === 'left') return isSpeaking(state, agent) ? { change: 'left', agent } : undefined;
  const { representative } = state;
  if (isSpeaking(state, agent) && !representative.isUnsure) return undefined;
  if (representative.type === 'HUMAN') return { change: 'left', agent: representative.agent };
  return { change: 'joined', agent };
}

/** The agent may have joined without our knowing: then they leave before anyone speaks, under an id of its own. */
export function maybeJoined(state: HandoffState, agent: Agent): HandoffState {
  const representative = { type: 'HUMAN' as const, agent, isUnsure: true as const };
  return { ...state, representative, announcements: state.announcements + 1 };
}

/** The state once the change at the head of the queue has been announced. */
export function announced(state: HandoffState, { change, agent }: Change): HandoffState {
  const representative = change === 'joined' ? ({ type: 'HUMAN', agent } as const) : ({ type: 'BOT' } as const);
  const [head, ...rest] = state.toEndUser;
  const { announcingSince: _, ...fresh } = head!;
  return { ...state, representative, announcements: state.announcements + 1, toEndUser: [fresh, ...rest] };
}

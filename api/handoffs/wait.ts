import type { HandoffView, Outcome, StartState } from '../../domain/handoff';
import type { Temporal } from '../temporal/client';

/** The longest a bot may ask to wait; bots' own HTTP calls time out soon after. */
const MAX_WAIT_S = 10;

const VIEW_DEADLINE_MS = 1_000;

/** The seconds of `Prefer: wait=N` (RFC 7240), at most 10; undefined where the caller does not ask to wait. */
export function preferredWait(prefer: string | undefined): number | undefined {
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?=$|[,;])/i.exec(prefer?.slice(0, 500) ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT_S);
}

export interface StateAnswer {
  state: StartState;
  outcome?: Outcome;
  /** Why the handoff cannot go on. */
  detail?: string;
}

/**
 * What becomes of a handoff: `opening` while nobody can tell. Never throws, since whatever fails here, the handoff
 * has started.
 */
export async function awaitState(temporal: Temporal, handoffId: string, ms: number): Promise<StateAnswer> {
  const state = await temporal.awaitState(handoffId, ms).catch((): StartState => 'opening');
  if (state === 'connected' || state === 'waiting') return { state };
  const view = await temporal.view(handoffId, VIEW_DEADLINE_MS).catch(() => undefined);
  const hasEnded = state === undefined || state === 'unavailable' || view?.outcome !== undefined;
  return hasEnded ? { state: 'unavailable', ...reasonOf(view) } : { state: 'opening' };
}

function reasonOf(view: HandoffView | undefined): Pick<StateAnswer, 'outcome' | 'detail'> {
  return { ...(view?.outcome && { outcome: view.outcome }), ...(view?.detail && { detail: view.detail }) };
}

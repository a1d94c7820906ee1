import type { Outcome, Verdict } from '../../domain/handoff';
import type { Temporal } from '../temporal';

/** The longest a bot may ask to wait; dialogs of bots break off soon after. */
const MAX_WAIT_S = 10;

const VIEW_DEADLINE_MS = 1_000;

/** The seconds of `Prefer: wait=N` (RFC 7240), at most 10; undefined where the caller does not ask to wait. */
export function preferredWait(prefer: string | undefined): number | undefined {
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?=$|[,;])/i.exec(prefer ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT_S);
}

/**
 * What becomes of a handoff that Temporal has: `accepted` while nobody can tell. Never throws, since whatever fails
 * here, the handoff is under way.
 */
export async function awaitVerdict(
  temporal: Temporal,
  handoffId: string,
  ms: number,
): Promise<{ verdict: Verdict; outcome?: Outcome }> {
  const verdict = await temporal.verdict(handoffId, ms).catch((): Verdict => 'accepted');
  if (verdict === 'connected' || verdict === 'waiting') return { verdict };
  const view = await temporal.view(handoffId, VIEW_DEADLINE_MS).catch(() => undefined);
  const ended = verdict === undefined || verdict === 'unavailable' || view?.outcome !== undefined;
  return { verdict: ended ? 'unavailable' : 'accepted', ...(view?.outcome && { outcome: view.outcome }) };
}

import type { HandoffEvent } from '../../domain/events';
import type { Temporal } from '../temporal';

/**
 * Hands events to their handoffs, each handoff's in order and in one signal. Answers with how many a running
 * handoff has taken. Throws where Temporal could not take one; those it took are known when they come again.
 */
export async function deliverGrouped(
  temporal: Temporal,
  events: { id: string; event: HandoffEvent }[],
  count: (outcome: string, times: number) => void,
): Promise<number> {
  const byHandoff = new Map<string, HandoffEvent[]>();
  for (const { id, event } of events) byHandoff.set(id, [...(byHandoff.get(id) ?? []), event]);
  const taken = await Promise.all(
    [...byHandoff].map(async ([id, own]) => {
      const delivered = await temporal.deliver(id, own);
      count(delivered ? 'delivered' : 'no-handoff', own.length);
      return delivered ? own.length : 0;
    }),
  );
  return taken.reduce((sum, n) => sum + n, 0);
}

import { boundedEvent } from '../../domain/bounded-event';
import type { HandoffEvent } from '../../domain/events';
import type { AppContext } from '../context';

/** Counts items of a webhook by what became of them. */
export type Count = (outcome: string, times?: number) => void;

/**
 * Delivers events to their handoffs, each handoff's in order. Answers with how many a running handoff has taken. Throws
 * where Temporal could not take one; those that it took are known when they come again.
 */
export async function deliverGrouped(
  { temporal, settings }: AppContext,
  events: { id: string; event: HandoffEvent }[],
  count: Count,
): Promise<number> {
  const byHandoff = new Map<string, HandoffEvent[]>();
  for (const { id, event } of events) {
    const own = byHandoff.get(id) ?? [];
    own.push(boundedEvent(event, settings.limits));
    byHandoff.set(id, own);
  }
  const taken = await Promise.all(
    [...byHandoff].map(async ([id, own]) => {
      const delivered = await temporal.deliver(id, own);
      count(delivered ? 'delivered' : 'no-handoff', own.length);
      return delivered ? own.length : 0;
    }),
  );
  return taken.reduce((sum, n) => sum + n, 0);
}

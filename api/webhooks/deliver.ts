import { boundedEvent } from '../../domain/bounded-event';
import type { HandoffEvent } from '../../domain/events';
import type { AppContext } from '../context';

/** Counts items of a webhook by what became of them. */
export type Count = (outcome: string, times?: number) => void;

/** Events of one handoff, in order. */
export interface HandoffEvents<E extends HandoffEvent = HandoffEvent> {
  id: string;
  events: E[];
}

/**
 * Delivers events to their handoffs, each handoff's in order. Answers with those that no running handoff has taken.
 * Throws where Temporal could not take one; those that it took are known when they come again.
 */
export async function deliverGrouped<E extends HandoffEvent>(
  { temporal, settings }: AppContext,
  events: { id: string; event: E }[],
  count: Count,
): Promise<HandoffEvents<E>[]> {
  const byHandoff = new Map<string, E[]>();
  for (const { id, event } of events) {
    const own = byHandoff.get(id) ?? [];
    own.push(boundedEvent(event, settings.limits));
    byHandoff.set(id, own);
  }
  const missed = await Promise.all(
    [...byHandoff].map(async ([id, own]): Promise<HandoffEvents<E>[]> => {
      const delivered = await temporal.deliver(id, own);
      count(delivered ? 'delivered' : 'no-handoff', own.length);
      return delivered ? [] : [{ id, events: own }];
    }),
  );
  return missed.flat();
}

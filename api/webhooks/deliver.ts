import { boundedEvent } from '../../domain/bounded-event';
import { eventFields, type HandoffEvent } from '../../domain/events';
import type { AppContext } from '../context';
import type { LogFields } from '../http/observe';

/** What a webhook's line in the log and the metrics say of it. */
export interface Report {
  /** Counts items of the webhook by what became of them. */
  count: (outcome: string, times?: number) => void;
  /** Adds to the line, which is written also where the webhook fails. */
  log: (fields: LogFields) => void;
}

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
  { count, log }: Report,
): Promise<HandoffEvents<E>[]> {
  const byHandoff = new Map<string, E[]>();
  for (const { id, event } of events) {
    const own = byHandoff.get(id) ?? [];
    own.push(boundedEvent(event, settings.limits));
    byHandoff.set(id, own);
  }
  if (byHandoff.size > 0)
    log({ ...handoffFields([...byHandoff.keys()]), ...eventFields([...byHandoff.values()].flat()) });
  const missed = await Promise.all(
    [...byHandoff].map(async ([id, own]): Promise<HandoffEvents<E>[]> => {
      const delivered = await temporal.deliver(id, own);
      count(delivered ? 'delivered' : 'no-handoff', own.length);
      return delivered ? [] : [{ id, events: own }];
    }),
  );
  return missed.flat();
}

function handoffFields(ids: string[]): LogFields {
  return ids.length === 1 ? { handoffId: ids[0] } : { handoffIds: ids };
}

import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { QUERIES, SIGNALS } from '../../domain/contract';
import { eventKey, type ContactCenterEvent, type HandoffEvent } from '../../domain/events';
import { handoffIdOfCaseKey, parseHandoffId } from '../../domain/ids';

/**
 * Brings events that a watcher found to their handoffs, in order. A handoff drops what it has seen, but the signal
 * itself costs history: so what went before is not sent again, and where webhooks bring the same events
 * (`mayHaveArrived`) the handoff is asked first, which costs nothing.
 */
export function eventForwarder(client: Client, account: string, { mayHaveArrived }: { mayHaveArrived: boolean }) {
  const deliver = signaller(client, mayHaveArrived);
  return async (events: ContactCenterEvent[]): Promise<void> => {
    for (const key of new Set(events.map(({ caseKey }) => caseKey))) {
      const handoffId = handoffIdOfCaseKey(key);
      const own = events.filter(({ caseKey }) => caseKey === key);
      if (handoffId && parseHandoffId(handoffId)?.account === account) await deliver(handoffId, own);
    }
  };
}

/** Those of the events that have not reached the handoff yet. A query: it leaves nothing in the handoff's history. */
export async function unseen<E extends HandoffEvent>(client: Client, handoffId: string, events: E[]): Promise<E[]> {
  if (events.length === 0) return [];
  const handle = client.workflow.getHandle(handoffId);
  const keys = new Set(await handle.query<string[], [string[]]>(QUERIES.unseen, events.map(eventKey)));
  return events.filter((event) => keys.has(eventKey(event)));
}

export function signaller(client: Client, mayHaveArrived: boolean) {
  const brought = new LRUCache<string, true>({ max: 20_000 });
  const mark = (handoffId: string, event: HandoffEvent) => `${handoffId} ${eventKey(event)}`;

  return async (handoffId: string, events: HandoffEvent[]): Promise<void> => {
    const news = events.filter((event) => !brought.has(mark(handoffId, event)));
    if (news.length === 0) return;
    try {
      // A handoff that cannot answer still takes signals, and drops what it has once it can.
      const missing = mayHaveArrived ? await unseen(client, handoffId, news).catch(() => news) : news;
      const handle = client.workflow.getHandle(handoffId);
      if (missing.length > 0) await handle.signal<[HandoffEvent[]]>(SIGNALS.deliver, missing);
    } catch (error) {
      // The handoff has ended: nobody waits for these events.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    for (const event of news) brought.set(mark(handoffId, event), true);
  };
}

import { log } from '@temporalio/activity';
import { ServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { noteLateEvents } from '../../accounts/late-events';
import { VendorError } from '../../connectors/shared/errors';
import { boundedEvent } from '../../domain/bounded-event';
import { QUERIES, SIGNALS, type HandoffResult } from '../../domain/contract';
import { eventFields, eventKey, type ContactCenterEvent, type HandoffEvent } from '../../domain/events';
import { isFinalFailure } from '../../domain/failures';
import { handoffIdIn } from '../../domain/ids';
import { splitForSignals } from '../../domain/limits';
import { contactCenterOf, type ActivityDeps } from '../deps';
import { interruptible } from '../interruptible';
import { count, type Source } from '../metrics';

/** Those of the events that have not reached the handoff yet. A query: it leaves nothing in the handoff's history. */
export async function unseen<E extends HandoffEvent>(client: Client, handoffId: string, events: E[]): Promise<E[]> {
  if (events.length === 0) return [];
  const handle = client.workflow.getHandle(handoffId);
  const keys = new Set(
    await interruptible(client, () => handle.query<string[], [string[]]>(QUERIES.unseen, events.map(eventKey))),
  );
  return events.filter((event) => keys.has(eventKey(event)));
}

/**
 * Brings events that a watch found to their handoffs, in order. A handoff drops what it has seen, but the signal
 * itself costs history: so what went before is not sent again, and where webhooks bring the same events the handoff
 * is asked first, which costs nothing.
 * @returns what came too late: the handoff is over and has not seen it
 */
export function eventForwarder(deps: Pick<ActivityDeps, 'client' | 'limits'>, source: Source, mayHaveArrived: boolean) {
  const { client, limits } = deps;
  const brought = new LRUCache<string, true>({ max: 20_000 });
  const mark = (handoffId: string, event: HandoffEvent) => `${handoffId} ${eventKey(event)}`;

  return async (handoffId: string, found: HandoffEvent[]): Promise<HandoffEvent[]> => {
    const events = found.map((event) => boundedEvent(event, limits));
    const news = events.filter((event) => !brought.has(mark(handoffId, event)));
    if (news.length === 0) return [];
    const late = await bring(handoffId, news);
    for (const event of news) brought.set(mark(handoffId, event), true);
    return late;
  };

  async function bring(handoffId: string, news: HandoffEvent[]): Promise<HandoffEvent[]> {
    const asked = mayHaveArrived ? await missingIn(client, handoffId, news) : { isOver: false, missing: news };
    if (asked.isOver) return asked.missing;
    const isRunning = await signalAll(client, source, handoffId, asked.missing);
    if (!isRunning) return (await missingIn(client, handoffId, asked.missing)).missing;
    if (asked.missing.length > 0) {
      log.info('a watch found events', { ...source, handoffId, ...eventFields(asked.missing) });
      count('found', source, { times: asked.missing.length });
    }
    return [];
  }
}

/**
 * What the handoff has not seen. One that is over is not asked, because Temporal would replay it for the answer: what
 * it has seen is in its result.
 */
async function missingIn(
  client: Client,
  handoffId: string,
  events: HandoffEvent[],
): Promise<{ isOver: boolean; missing: HandoffEvent[] }> {
  try {
    const { status, runId } = await interruptible(client, () => client.workflow.getHandle(handoffId).describe());
    if (status.name !== 'COMPLETED') {
      return { isOver: status.name !== 'RUNNING', missing: await unseen(client, handoffId, events) };
    }
    const ended = client.workflow.getHandle(handoffId, runId);
    const { seen } = (await interruptible(client, () => ended.result())) as HandoffResult;
    const known = new Set(seen);
    return { isOver: true, missing: events.filter((event) => !known.has(eventKey(event))) };
  } catch (error) {
    // One that cannot answer still takes signals, and drops what it has once it can.
    return { isOver: error instanceof WorkflowNotFoundError, missing: events };
  }
}

async function signalAll(client: Client, source: Source, handoffId: string, events: HandoffEvent[]): Promise<boolean> {
  const handle = client.workflow.getHandle(handoffId);
  try {
    for (const signal of splitForSignals(events)) await handle.signal<[HandoffEvent[]]>(SIGNALS.deliver, signal);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    if (!isRefused(error)) throw error;
    // What Temporal will never take must not hold up everybody else's events.
    const about = { ...source, handoffId, ...eventFields(events) };
    log.error('Temporal refused events of a handoff', { ...about, reason: error.message });
    return true;
  }
}

const INVALID_ARGUMENT = 3;

function isRefused(error: unknown): error is ServiceError {
  return error instanceof ServiceError && (error.cause as { code?: number } | undefined)?.code === INVALID_ARGUMENT;
}

/** Brings the events of one contact center to the handoffs that its cases belong to. */
export function caseEventForwarder(deps: ActivityDeps, account: string, contactCenter: string) {
  const { agentMessages, closure } = contactCenterOf(deps, account, contactCenter).capabilities.delivery;
  const source = { account, connection: contactCenter };
  const forward = eventForwarder(deps, source, [...agentMessages, ...closure].includes('webhook'));
  const late = lateEvents(deps, source);

  return async (events: ContactCenterEvent[]): Promise<void> => {
    const byHandoff = new Map<string, HandoffEvent[]>();
    for (const event of events) {
      const handoffId = handoffIdIn(account, event.caseKey);
      if (handoffId) byHandoff.set(handoffId, [...(byHandoff.get(handoffId) ?? []), { ...event, contactCenter }]);
    }
    await forEachOf(byHandoff, async ([handoffId, own]) => late.add(handoffId, await forward(handoffId, own)));
    await late.notify();
  };
}

/** So many handoffs are brought their events at the same time, each its own in order. */
const SIDE_BY_SIDE = 10;

/** Waits for all of them, and then throws what the first one that failed has thrown. */
async function forEachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = new PQueue({ concurrency: SIDE_BY_SIDE });
  const ends = await Promise.allSettled([...items].map((item) => queue.add(() => work(item))));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Agents of more handoffs than these are not waited for while their contact center is down. */
const MAX_LATE = 1_000;

/**
 * What ended handoffs have not seen, or cannot say, came too late for them: the agents learn that. Where it cannot be
 * written down it is tried again with the next poll, and holds up nobody meanwhile.
 */
function lateEvents(deps: ActivityDeps, source: Source) {
  const waiting = new LRUCache<string, HandoffEvent[]>({ max: MAX_LATE });

  return {
    add(handoffId: string, late: HandoffEvent[]): void {
      if (late.length === 0) return;
      count('late', source, { times: late.length });
      log.info('events came after the end of their handoff', { ...source, handoffId, ...eventFields(late) });
      waiting.set(handoffId, [...(waiting.get(handoffId) ?? []), ...late]);
    },

    async notify(): Promise<void> {
      await forEachOf(waiting.entries(), async ([handoffId, events]) => {
        if (await isNoted(deps, source, handoffId, events)) waiting.delete(handoffId);
      });
    },
  };
}

/** Whether there is nothing more to try: a refusal for good is reported to us alone. */
async function isNoted(deps: ActivityDeps, source: Source, handoffId: string, events: HandoffEvent[]) {
  try {
    await noteLateEvents(contactCenterOf(deps, source.account, source.connection), events);
    return true;
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    const about = { ...source, handoffId, kind: error.kind, reason: error.message };
    log.warn('a late agent could not be notified', about);
    return isFinalFailure(error.kind);
  }
}

import { log } from '@temporalio/activity';
import { ServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { noteLateEvents } from '../../accounts/late-events';
import { VendorError } from '../../connectors/shared/errors';
import { boundedEvent } from '../../domain/bounded-event';
import { QUERIES, SIGNALS } from '../../domain/contract';
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
 * @returns whether the handoff is running
 */
export function eventForwarder(deps: Pick<ActivityDeps, 'client' | 'limits'>, source: Source, mayHaveArrived: boolean) {
  const { client, limits } = deps;
  const brought = new LRUCache<string, true>({ max: 20_000 });
  const mark = (handoffId: string, event: HandoffEvent) => `${handoffId} ${eventKey(event)}`;

  return async (handoffId: string, found: HandoffEvent[]): Promise<boolean> => {
    const events = found.map((event) => boundedEvent(event, limits));
    const news = events.filter((event) => !brought.has(mark(handoffId, event)));
    if (news.length === 0) return true;
    // A handoff that cannot answer still takes signals, and drops what it has once it can.
    const missing = mayHaveArrived ? await unseen(client, handoffId, news).catch(() => news) : news;
    const isRunning = await signalAll(client, source, handoffId, missing);
    if (isRunning && missing.length > 0) {
      log.info('a watch found events', { ...source, handoffId, ...eventFields(missing) });
      count('found', source, { times: missing.length });
    }
    for (const event of news) brought.set(mark(handoffId, event), true);
    return isRunning;
  };
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
    for (const key of new Set(events.map(({ caseKey }) => caseKey))) {
      const handoffId = handoffIdIn(account, key);
      if (!handoffId) continue;
      const own = events.filter(({ caseKey }) => caseKey === key).map((event) => ({ ...event, contactCenter }));
      if (!(await forward(handoffId, own))) await late.add(handoffId, own);
    }
    await late.notify();
  };
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
    async add(handoffId: string, events: HandoffEvent[]): Promise<void> {
      const late = await unseen(deps.client, handoffId, events).catch(() => events);
      if (late.length === 0) return;
      count('late', source, { times: late.length });
      log.info('events came after the end of their handoff', { ...source, handoffId, ...eventFields(late) });
      waiting.set(handoffId, [...(waiting.get(handoffId) ?? []), ...late]);
    },

    async notify(): Promise<void> {
      for (const [handoffId, events] of [...waiting.entries()]) {
        if (await isNoted(deps, source, handoffId, events)) waiting.delete(handoffId);
      }
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

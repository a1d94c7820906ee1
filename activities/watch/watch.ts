import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import type { WatchInput } from '../../domain/contract';
import { PLATFORM } from '../../domain/ids';
import { type ActivityDeps, contactCenterOf, accountOf } from '../deps';
import { withBackoff, type Look } from './poll';
import { isAnyHandoffOpen } from './open-handoffs';
import { reconciler } from './reconcile';
import { eventForwarder } from './event-forwarder';

export interface WatchResult {
  cursor: string | null;
  /** No handoff has been open for a while: there is nothing to watch. */
  idle: boolean;
}

/** One activity lasts this long at most; the workflow then starts the next, which reads on where this one stopped. */
const SHIFT_MS = 10 * 60_000;
/** So long no handoff has to be open before the watch ends: what visibility shows lags behind what is. */
const IDLE_MS = 2 * 60_000;
/** Visibility is asked this often, however often the vendor is. */
const IDLE_CHECK_MS = 20_000;
const HEARTBEAT_MS = 5_000;

export function watchActivities(deps: ActivityDeps) {
  return {
    /**
     * Asks one connection, for all its handoffs together, what happened, again and again. The cursor travels in the
     * heartbeat, so that after a crash the next attempt reads on; what it reads twice is dropped by the handoffs.
     */
    async watchConnection({ account, connection, cursor: start }: WatchInput): Promise<WatchResult> {
      const look = withBackoff(connection === PLATFORM ? reconciler(deps, account) : poller(deps, account, connection));
      let cursor = (activityInfo().heartbeatDetails as string | null | undefined) ?? start;
      const endOfShift = Date.now() + SHIFT_MS;
      const idle = idleness(() => isAnyHandoffOpen(deps.client, account));
      while (Date.now() < endOfShift) {
        heartbeat(cursor);
        const result = await alive(() => look(cursor), cursor);
        cursor = result.cursor;
        if (await idle()) return { cursor, idle: true };
        await pause(result.waitMs, cursor);
      }
      return { cursor, idle: false };
    },
  };
}

/** Asks a contact center's account-wide feed. */
function poller(deps: ActivityDeps, account: string, name: string): Look {
  const { watch } = accountOf(deps, account).settings;
  const contactCenter = contactCenterOf(deps, account, name);
  const { agentMessages, closure } = contactCenter.capabilities;
  // Where webhooks bring everything, the feed is there for the lost ones alone.
  const byWebhook = agentMessages.includes('webhook') && closure.includes('webhook');
  const deliver = eventForwarder(deps.client, account, { mayHaveArrived: byWebhook });
  return async (cursor) => {
    const found = await contactCenter.poll!(cursor ?? (await contactCenter.startCursor!()));
    await deliver(found.events);
    return { cursor: found.cursor, waitMs: found.more ? 0 : byWebhook ? watch.reconcileEvery : watch.pollEvery };
  };
}

/** Answers yes once it has been told for long enough that nothing is open. */
function idleness(isAnyOpen: () => Promise<boolean>): () => Promise<boolean> {
  let idleSince: number | undefined;
  let nextCheck = 0;
  return async () => {
    const now = Date.now();
    if (now < nextCheck) return false;
    nextCheck = now + IDLE_CHECK_MS;
    idleSince = (await isAnyOpen()) ? undefined : (idleSince ?? now);
    return idleSince !== undefined && now - idleSince >= IDLE_MS;
  };
}

/** A slow vendor is no dead worker: heartbeats go on while it is asked. */
async function alive<T>(run: () => Promise<T>, cursor: string | null): Promise<T> {
  const beat = setInterval(() => heartbeat(cursor), HEARTBEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(beat);
  }
}

/** Waits, heartbeating meanwhile, and ends at once when the activity is cancelled. */
async function pause(ms: number, cursor: string | null): Promise<void> {
  const until = Date.now() + ms;
  do {
    heartbeat(cursor);
    await sleep(Math.max(0, Math.min(HEARTBEAT_MS, until - Date.now())));
  } while (Date.now() < until);
}

import { log } from '@temporalio/activity';
import type { Platform } from '../../connectors/platform';
import { VendorError } from '../../connectors/shared/errors';
import type { PlatformEvent } from '../../domain/events';
import { PLATFORM } from '../../domain/ids';
import { accountOf, type ActivityDeps } from '../deps';
import { count, type Source } from '../metrics';
import { inboundSince } from '../platform';
import { oncePerFailure } from '../repetition';
import { eventForwarder } from './event-forwarder';
import type { Poll } from './poll';
import { ReadingSchedule, type Watched } from './schedule';

/** Messages of one moment, and clocks that differ, are covered by reading back this far; what comes twice is dropped. */
const OVERLAP_MS = 2 * 60_000;
/** So many conversations are read before the register and what changed are looked at again. */
const BATCH = 50;
const SHORTEST_WAIT_MS = 1_000;
/** Asked so many times as often as each conversation is read: which conversations changed. */
const CHANGE_CHECKS = 6;

/**
 * The schedule outlives the poll session: which conversations were read when is known here for as long as the process
 * lives. Another process goes on from the cursor, before which all messages of all conversations are known.
 */
export class KeptSchedule {
  private kept?: { schedule: ReadingSchedule; cursor: string };

  /** The schedule that has come to this cursor. */
  at(cursor: string | null): ReadingSchedule | undefined {
    return this.kept?.cursor === cursor ? this.kept.schedule : undefined;
  }

  /** Answers with the cursor that it has come to. */
  keep(schedule: ReadingSchedule): string {
    const cursor = new Date(schedule.knownUntil()).toISOString();
    this.kept = { schedule, cursor };
    return cursor;
  }
}

export interface ReconcileOptions {
  schedules: KeptSchedule;
  /** The handoffs that are open now. */
  open(): Promise<Watched[]>;
  reconcileEvery: number;
  /** The part of the platform's rate limit that these reads may use. */
  reconcileShare: number;
  pause(ms: number): Promise<void>;
}

/**
 * Finds what a lost webhook of the platform never brought, by reading open conversations in turn. One that cannot be
 * read is set aside and tried again later; it never stops the others.
 */
export function reconcilePoll(deps: ActivityDeps, account: string, options: ReconcileOptions): Poll {
  const { platform } = accountOf(deps, account);
  const forward = eventForwarder(deps, { account, connection: PLATFORM }, true);
  const paceMs = 1_000 / ((platform.history?.readsPerSecond ?? Infinity) * options.reconcileShare);
  let changesAt = 0;

  return async (cursor) => {
    const now = Date.now();
    const from = cursor ? Date.parse(cursor) : now;
    const schedule = options.schedules.at(cursor) ?? new ReadingSchedule(options.reconcileEvery, from);
    const open = await options.open();
    schedule.update(open, now);
    if (now - changesAt >= options.reconcileEvery / CHANGE_CHECKS) {
      await markChanged(platform, open, changesAt || from, now);
      changesAt = now;
    }
    const due = schedule.due(open, now, BATCH);
    for (const one of due) {
      await readOne(platform, forward, schedule, one, account);
      await options.pause(paceMs);
    }
    const wait = Math.min(options.reconcileEvery / CHANGE_CHECKS, 10_000);
    const waitMs = due.length === BATCH ? 0 : Math.max(SHORTEST_WAIT_MS, wait);
    return { cursor: options.schedules.keep(schedule), waitMs };
  };
}

/** Whether a message moves a conversation's change time is not promised by every vendor: this only helps. */
async function markChanged(platform: Platform, open: Watched[], sinceMs: number, now: number): Promise<void> {
  if (!platform.changes || open.length === 0) return;
  const since = new Date(sinceMs - OVERLAP_MS / 4).toISOString();
  const ids = open.map(({ conversationId }) => conversationId);
  const changed = new Set(await platform.changes.since(ids, since));
  for (const one of open) if (changed.has(one.conversationId)) one.activeAt = Math.max(one.activeAt, now);
}

async function readOne(
  platform: Platform,
  forward: ReturnType<typeof eventForwarder>,
  schedule: ReadingSchedule,
  one: Watched,
  account: string,
): Promise<void> {
  const startedAt = Date.now();
  try {
    const events = await missedEvents(platform, one.conversationId, schedule.readSince(one) - OVERLAP_MS);
    await forward(one.handoffId, events);
    schedule.read(one, startedAt, latestOf(events));
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    // The whole account is asked to slow down: nobody gains by trying the next one.
    if (error.kind === 'rate-limited') throw error;
    const failures = schedule.failed(one, startedAt);
    logSetAside({ account, connection: PLATFORM }, one, error, failures);
    // Whether it is over the handoff verifies itself.
    if (error.kind === 'not-found') await forward(one.handoffId, [closedClaim(one, startedAt)]);
  }
}

function logSetAside(source: Source, { handoffId }: Watched, { kind, message: reason }: VendorError, failures: number) {
  count('set_aside', source);
  const line = oncePerFailure('read', source.account, source.connection, kind);
  const about = { ...source, handoffId, kind, reason, failures, ...line };
  if (line) log.warn('a conversation could not be read and is set aside', about);
}

/** When the latest of the messages was written, epoch ms. */
function latestOf(events: PlatformEvent[]): number {
  return Math.max(0, ...events.map((event) => (event.type === 'inbound' ? Date.parse(event.message.at) : 0)));
}

async function missedEvents(platform: Platform, conversationId: string, sinceMs: number): Promise<PlatformEvent[]> {
  const messages = await inboundSince(platform, conversationId, new Date(sinceMs).toISOString());
  if (!(await platform.isClosed(conversationId))) return messages;
  return [...messages, { type: 'conversation-closed', id: `closed:${conversationId}`, at: new Date().toISOString() }];
}

/** One claim per hour: a handoff that has found it false is not asked to verify it again at each read. */
function closedClaim({ conversationId }: Watched, now: number): PlatformEvent {
  const hour = new Date(now).toISOString().slice(0, 13);
  return { type: 'conversation-closed', id: `not-found:${conversationId}:${hour}`, at: new Date(now).toISOString() };
}

import { log } from '@temporalio/activity';
import type { Platform } from '../../connectors/platform';
import { VendorError } from '../../connectors/shared/errors';
import type { PlatformEvent } from '../../domain/events';
import { accountOf, type ActivityDeps } from '../deps';
import { inboundSince } from '../platform';
import { eventForwarder } from './event-forwarder';
import type { Poll } from './poll';
import { ReadingSchedule, type Watched } from './schedule';

/** Messages of one moment, and clocks that differ, are covered by reading back this far; what comes twice is dropped. */
const OVERLAP_MS = 2 * 60_000;
/** So many conversations are read before the register and what changed are looked at again. */
const BATCH = 10;
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
/** Asked so many times as often as each conversation is read: which conversations changed. */
const CHANGE_CHECKS = 6;

export interface ReconcileOptions {
  /** The handoffs that are open now. */
  open(): Promise<Watched[]>;
  reconcileEvery: number;
  /** When each conversation was read: kept from one poll session to the next. */
  schedules: Map<string, ReadingSchedule>;
  /** How long to wait between two reads, for the share of the platform's rate limit that reconciling may use. */
  paceMs: number;
  pause(ms: number): Promise<void>;
}

/**
 * Finds what a lost webhook of the platform never brought, by reading open conversations in turn. One that cannot be
 * read is set aside and tried again later; it never stops the others.
 */
export function reconcilePoll(deps: ActivityDeps, account: string, options: ReconcileOptions): Poll {
  const { platform } = accountOf(deps, account);
  const { reconcileEvery, schedules } = options;
  const forward = eventForwarder(deps, true);
  const changesEvery = reconcileEvery / CHANGE_CHECKS;
  let changesAt = 0;

  return async (cursor) => {
    const now = Date.now();
    const from = cursor ? Date.parse(cursor) : now;
    const schedule = schedules.get(account) ?? new ReadingSchedule(reconcileEvery, from);
    schedules.set(account, schedule);
    const open = await options.open();
    schedule.keepOnly(open, now);
    if (now - changesAt >= changesEvery) {
      await markChanged(platform, schedule, open, changesAt || from);
      changesAt = now;
    }
    const due = schedule.due(open, now, BATCH);
    await paced(due, options, (one) => readOne(platform, forward, schedule, one, account));
    const ended = Date.now();
    const longest = Math.min(changesEvery, LONGEST_WAIT_MS);
    const waitMs = Math.max(SHORTEST_WAIT_MS, Math.min(schedule.untilNext(open, ended), longest));
    return { cursor: new Date(schedule.unreadSince(now)).toISOString(), waitMs: due.length === BATCH ? 0 : waitMs };
  };
}

/** Reads start one after the other at the pace; one that hangs does not hold the rest of them. */
async function paced(
  due: Watched[],
  { paceMs, pause }: Pick<ReconcileOptions, 'paceMs' | 'pause'>,
  read: (one: Watched) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const reads: Promise<unknown>[] = [];
  for (const one of due) {
    reads.push(read(one).catch((error: unknown) => failures.push(error)));
    await pause(paceMs);
    if (failures.length > 0) break;
  }
  await Promise.all(reads);
  if (failures.length > 0) throw failures[0];
}

/**
 * Whether a message moves a conversation's change time is not promised by every vendor: this only helps, and where it
 * fails, conversations are read all the same.
 */
async function markChanged(
  platform: Platform,
  schedule: ReadingSchedule,
  open: Watched[],
  sinceMs: number,
): Promise<void> {
  if (!platform.changes || open.length === 0) return;
  const since = new Date(sinceMs - OVERLAP_MS / 4).toISOString();
  const ids = open.map(({ conversationId }) => conversationId);
  try {
    const changed = new Set(await platform.changes.since(ids, since));
    for (const one of open) if (changed.has(one.conversationId)) schedule.active(one.handoffId, Date.now());
  } catch (error) {
    if (!(error instanceof VendorError) || error.kind === 'rate-limited') throw error;
    log.warn('the platform cannot say which conversations changed', { reason: error.kind, message: error.message });
  }
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
    schedule.read(one, startedAt);
    const saidAt = events.flatMap((event) => (event.type === 'inbound' ? [Date.parse(event.message.at)] : []));
    schedule.active(one.handoffId, Math.min(Math.max(...saidAt), startedAt));
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    // The whole account is asked to slow down: nobody gains by trying the next one.
    if (error.kind === 'rate-limited') throw error;
    const failures = schedule.failed(one, startedAt);
    const about = { account, handoff: one.handoffId, reason: error.kind, message: error.message, failures };
    log.warn('a conversation could not be read and is set aside', about);
    // Whether it is over the handoff verifies itself.
    if (error.kind === 'not-found') await forward(one.handoffId, [closedClaim(one, startedAt)]);
  }
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

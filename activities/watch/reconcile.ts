import { heartbeat, sleep } from '@temporalio/activity';
import type { Platform } from '../../connectors/platform';
import type { PlatformEvent } from '../../domain/events';
import { accountOf, type ActivityDeps } from '../deps';
import { signaller } from './event-forwarder';
import { listOpenHandoffs, type OpenHandoff } from './open-handoffs';
import { inboundSince } from '../platform';
import type { Look } from './poll';

/** Messages of one moment, and clocks that differ, are covered by reading back this far; what comes twice is dropped. */
const OVERLAP_MS = 2 * 60_000;
/** Between two conversations: the rotation stays well under the platform's rate limit. */
const PACE_MS = 200;
/** The cheap question which conversations changed is asked so many times as often as each is read. */
const FAST_CHECKS = 6;

/**
 * Finds what a lost webhook of the platform never brought: every open conversation is read in turn, at least once in
 * `reconcileEvery`, and at once where the platform says that it changed. Whether a new message moves a
 * conversation's change time is not promised by every vendor, so the rotation does not depend on it.
 */
export function reconciler(deps: ActivityDeps, account: string): Look {
  const { platform, settings } = accountOf(deps, account);
  const every = settings.watch.reconcileEvery;
  const deliver = signaller(deps.client, true);
  const readAt = new Map<string, number>();

  return async (cursor) => {
    const now = Date.now();
    const open = await listOpenHandoffs(deps.client, account);
    forgetClosed(readAt, open);
    const changed = new Set(await changedConversations(platform, open, cursor));
    const due = open.filter(({ conversationId }) => {
      const last = readAt.get(conversationId);
      return changed.has(conversationId) || last === undefined || now - last >= every;
    });
    for (const handoff of due) {
      const since = (readAt.get(handoff.conversationId) ?? firstRead(handoff, cursor, every)) - OVERLAP_MS;
      const reading = Date.now();
      await deliver(handoff.handoffId, await missedEvents(platform, handoff.conversationId, since));
      readAt.set(handoff.conversationId, reading);
      heartbeat(cursor);
      await sleep(PACE_MS);
    }
    return { cursor: new Date(now).toISOString(), waitMs: Math.max(1_000, every / FAST_CHECKS) };
  };
}

/** By the last look each conversation had been read less than one rotation before. */
function firstRead({ startedAt }: OpenHandoff, lastLook: string | null, every: number): number {
  return Math.max(startedAt.getTime(), lastLook ? Date.parse(lastLook) - every : 0);
}

async function changedConversations(platform: Platform, open: OpenHandoff[], cursor: string | null): Promise<string[]> {
  if (!platform.changedSince || !cursor || open.length === 0) return [];
  const since = new Date(Date.parse(cursor) - OVERLAP_MS / 4).toISOString();
  return platform.changedSince(
    open.map(({ conversationId }) => conversationId),
    since,
  );
}

async function missedEvents(platform: Platform, conversationId: string, sinceMs: number): Promise<PlatformEvent[]> {
  const messages = await inboundSince(platform, conversationId, new Date(sinceMs).toISOString());
  const events: PlatformEvent[] = messages.map((message) => ({ type: 'inbound', message }));
  if (await platform.isClosed(conversationId)) {
    const at = new Date().toISOString();
    events.push({ type: 'conversation-closed', id: `closed:${conversationId}`, at });
  }
  return events;
}

function forgetClosed(readAt: Map<string, number>, open: OpenHandoff[]): void {
  const still = new Set(open.map(({ conversationId }) => conversationId));
  for (const id of readAt.keys()) if (!still.has(id)) readAt.delete(id);
}

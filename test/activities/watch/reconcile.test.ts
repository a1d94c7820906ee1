import type { ActivityDeps } from '../../../activities/deps';
import { reconcilePoll, type ReconcileOptions } from '../../../activities/watch/reconcile';
import { handoffId } from '../../../domain/ids';

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T00:00:00.000Z');

/** Watches open conversations in sessions of five minutes; what was read of which, and since when. */
function watching(conversations: number, reads: { conversationId: string; since: number }[]) {
  const read = (conversationId: string, { since }: { since: string }) => {
    reads.push({ conversationId, since: Date.parse(since) });
    return Promise.resolve({ entries: [] });
  };
  const platform = { history: { read }, isClosed: () => Promise.resolve(false) };
  const deps = { accounts: new Map([['main', { platform }]]), client: {}, limits: {} } as unknown as ActivityDeps;
  const open = Array.from({ length: conversations }, (_, i) => ({
    handoffId: handoffId({ account: 'main', conversationId: `c${i}` }),
    conversationId: `c${i}`,
    activeAt: START - 24 * 60 * MINUTE,
  }));
  return (schedules: ReconcileOptions['schedules'], pauseMs: number) =>
    reconcilePoll(deps, 'main', {
      open: () => Promise.resolve(open),
      reconcileEvery: MINUTE,
      paceMs: pauseMs,
      pause: (ms) => Promise.resolve(void jest.advanceTimersByTime(ms)),
      schedules,
    });
}

beforeEach(() => {
  jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

async function session(poll: ReturnType<ReturnType<typeof watching>>, from: string | null): Promise<string | null> {
  const end = Date.now() + 5 * MINUTE;
  let cursor = from;
  while (Date.now() < end) {
    const result = await poll(cursor);
    cursor = result.cursor;
    jest.advanceTimersByTime(result.waitMs);
  }
  return cursor;
}

test('a quiet conversation is read without a gap, even where another worker goes on', async () => {
  const reads: { conversationId: string; since: number }[] = [];
  const start = watching(1, reads);
  let cursor: string | null = new Date(START).toISOString();
  let readAt = START;
  for (let i = 0; i < 4; i++) {
    const before = reads.length;
    const begun = Date.now();
    cursor = await session(start(new Map(), 0), cursor);
    expect(reads.length).toBeGreaterThan(before);
    expect(reads[before]!.since).toBeLessThanOrEqual(readAt);
    readAt = begun;
  }
});

test('more conversations than one session can read all have their turn', async () => {
  const reads: { conversationId: string; since: number }[] = [];
  const start = watching(1_000, reads);
  const schedules: ReconcileOptions['schedules'] = new Map();
  let cursor: string | null = new Date(START).toISOString();
  for (let i = 0; i < 4; i++) cursor = await session(start(schedules, 1_000), cursor);
  expect(new Set(reads.map(({ conversationId }) => conversationId)).size).toBe(1_000);
});

import type { Poll } from '../../../activities/watch/poll';
import { KeptSchedule, reconcilePoll } from '../../../activities/watch/reconcile';
import type { Watched } from '../../../activities/watch/schedule';
import type { HistoryQuery, Platform } from '../../../connectors/platform';
import { VendorError, type VendorErrorKind } from '../../../connectors/shared/errors';
import type { HandoffEvent } from '../../../domain/events';
import type { TranscriptEntry } from '../../../domain/transcript';
import { activityEnvironment, fakeClock, fakeDeps } from '../../support/activities';
import { fakeTemporal } from '../../support/fake-temporal';

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T00:00:00.000Z');

beforeEach(() => {
  fakeClock();
  jest.setSystemTime(START);
});
afterEach(() => jest.useRealTimers());

const handoff = (id: string) => `handoff:main:${id}`;
const said = (id: string, at = new Date().toISOString()): TranscriptEntry => ({
  id,
  at,
  author: 'end-user',
  content: { kind: 'text', text: id },
});

/** Conversations by id: their messages, or as what the platform refuses to read them. */
function reconciling(
  conversations: Record<string, TranscriptEntry[] | VendorErrorKind>,
  change: Partial<Platform> = {},
) {
  const temporal = fakeTemporal(Object.keys(conversations).map(handoff));
  const reads: { id: string; since?: string }[] = [];
  const pauses: number[] = [];
  const read = (id: string, { since }: HistoryQuery) => {
    reads.push({ id, since });
    const found = conversations[id]!;
    if (!Array.isArray(found)) return Promise.reject(new VendorError(found, 'no'));
    return Promise.resolve({ entries: found.filter(({ at }) => !since || at >= since) });
  };
  const platform = { history: { read, readsPerSecond: 4 }, isClosed: () => Promise.resolve(false), ...change };
  const deps = fakeDeps({ platform, client: temporal.client });
  const watched = (id: string): Watched => ({ handoffId: handoff(id), conversationId: id, activeAt: Date.now() });
  const options = {
    schedules: new KeptSchedule(),
    reconcileEvery: MINUTE,
    reconcileShare: 0.5,
    open: () => Promise.resolve(Object.keys(conversations).map(watched)),
    pause: (ms: number) => Promise.resolve(void pauses.push(ms)),
  };
  let poll = reconcilePoll(deps, 'main', options);
  let cursor: string | null = new Date(START).toISOString();
  return {
    temporal,
    reads,
    pauses,
    /** As the next poll session does it. */
    nextSession: () => (poll = reconcilePoll(deps, 'main', options)),
    nextProcess: () => (poll = reconcilePoll(deps, 'main', { ...options, schedules: new KeptSchedule() })),
    cursor: () => cursor,
    pollAfter: async (ms: number): Promise<{ cursor: string | null; waitMs: number }> => {
      jest.setSystemTime(Date.now() + ms);
      const result = await activityEnvironment().run<
        [],
        { cursor: string | null; waitMs: number },
        () => ReturnType<Poll>
      >(() => poll(cursor));
      ({ cursor } = result);
      return result;
    },
  };
}
const events = (temporal: ReturnType<typeof fakeTemporal>, id: string) =>
  temporal.delivered(handoff(id)).map((event: HandoffEvent) => ('message' in event ? event.message.id : event.type));

test('what no webhook brought is found', async () => {
  const { pollAfter, temporal } = reconciling({ a: [said('1', '2026-01-01T00:00:10.000Z')] });
  await pollAfter(MINUTE);
  expect(events(temporal, 'a')).toEqual(['1']);
});

test('reads are as far apart as the share of the rate limit asks for', async () => {
  const { pollAfter, pauses } = reconciling({ a: [], b: [] });
  await pollAfter(MINUTE);
  expect(pauses).toEqual([500, 500]);
});

test('what the handoff has already is not sent to it, nor what was brought before', async () => {
  const { pollAfter, temporal } = reconciling({ a: [said('1', '2026-01-01T00:00:10.000Z')] });
  temporal.hasSeen(handoff('a'), 'p:1');
  await pollAfter(MINUTE);
  await pollAfter(MINUTE);
  expect(events(temporal, 'a')).toEqual([]);
  expect(temporal.queries()).toBe(1);
});

test.each(['ambiguous', 'unavailable', 'not-found'] as const)(
  'one conversation that answers %s stops no other',
  async (kind) => {
    const { pollAfter, temporal } = reconciling({ bad: kind, good: [said('1', '2026-01-01T00:00:10.000Z')] });
    await pollAfter(MINUTE);
    expect(events(temporal, 'good')).toEqual(['1']);
  },
);

test('one that is not found is a claim for its handoff to verify: once per hour, however often it is read', async () => {
  const { pollAfter, temporal } = reconciling({ bad: 'not-found' });
  for (let i = 0; i < 5; i++) await pollAfter(10 * MINUTE);
  expect(events(temporal, 'bad')).toEqual(['conversation-closed']);
});

test('a conversation that is closed is a claim as well, after its last messages', async () => {
  const { pollAfter, temporal } = reconciling(
    { a: [said('1', '2026-01-01T00:00:10.000Z')] },
    { isClosed: () => Promise.resolve(true) },
  );
  await pollAfter(MINUTE);
  expect(events(temporal, 'a')).toEqual(['1', 'conversation-closed']);
});

test('a platform that asks the whole account to slow down is obeyed', async () => {
  const { pollAfter, reads } = reconciling({ a: 'rate-limited', b: [] });
  await expect(pollAfter(MINUTE)).rejects.toMatchObject({ kind: 'rate-limited' });
  expect(reads).toHaveLength(1);
});

test('the next session goes on, with nothing read anew that was read', async () => {
  const { pollAfter, nextSession, reads } = reconciling({ a: [], b: [] });
  await pollAfter(MINUTE);
  nextSession();
  await pollAfter(1_000);
  expect(reads).toHaveLength(2);
});

test('another process reads on from where all conversations are known: nothing between is skipped', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 120 }, (_, i) => [String(i), [said(`m${i}`, '2026-01-01T00:00:10.000Z')]]),
  );
  const { pollAfter, nextProcess, temporal, cursor } = reconciling(many);
  await pollAfter(MINUTE);
  expect(cursor()).toBe('2026-01-01T00:00:00.000Z');
  for (let session = 0; session < 4; session++) {
    nextProcess();
    await pollAfter(MINUTE);
    await pollAfter(1_000);
    await pollAfter(1_000);
  }
  for (const id of Object.keys(many)) expect(events(temporal, id)).toEqual([`m${id}`]);
});

test('a conversation that may have changed is read sooner; where that cannot be asked, the rotation still reads it', async () => {
  const since = jest.fn(() => Promise.resolve(['b']));
  const { pollAfter, reads } = reconciling({ a: [], b: [] }, { changes: { since } });
  await pollAfter(MINUTE);
  await pollAfter(MINUTE / 2);
  expect(since).toHaveBeenCalledTimes(2);
  expect(reads.filter(({ id }) => id === 'b').length).toBeGreaterThanOrEqual(1);
});

import { watchActivities, type WatchResult } from '../../../activities/watch/watch';
import type { ContactCenterEvent } from '../../../domain/events';
import { caseKey } from '../../../domain/ids';
import { activityEnvironment, fakeClock, fakeDeps } from '../../support/activities';
import { fakeTemporal } from '../../support/fake-temporal';

const MINUTE = 60_000;
const WATCH = 'watch:main:desk';
const ID = 'handoff:main:c1';
const KEY = caseKey(ID, '0123456789ab', 1);

beforeEach(() => fakeClock());
afterEach(() => jest.useRealTimers());

function message(id: string): ContactCenterEvent {
  const content = { kind: 'text' as const, text: id };
  return {
    type: 'agent-message',
    caseKey: KEY,
    message: { id, at: new Date().toISOString(), agent: { name: 'Ana' }, content },
  };
}

/** A watch of the desk whose feed has these events, one for each poll; the cursor counts polls. */
function watching({
  feed = [] as (ContactCenterEvent | undefined)[],
  attempt = {},
  cursor = null as string | null,
} = {}) {
  const temporal = fakeTemporal([WATCH, ID]);
  const notes: string[] = [];
  const cursors: string[] = [];
  const read = (cursor: string) => {
    cursors.push(cursor);
    const event = feed[Number(cursor)];
    return Promise.resolve({ events: event ? [event] : [], cursor: `${Number(cursor) + 1}`, more: false });
  };
  const desk = {
    poll: { start: () => Promise.resolve('0'), read },
    findCase: () => Promise.resolve({ ref: { id: 'case' }, status: 'closed' as const }),
    note: (_case: object, _id: string, text: string) => Promise.resolve(void notes.push(text)),
  };
  const activities = watchActivities(fakeDeps({ desk, client: temporal.client }));
  const environment = activityEnvironment({ workflowExecution: { workflowId: WATCH, runId: 'r' }, ...attempt });
  let result: WatchResult | undefined;
  const run = async () => {
    result = await activities.watchConnection({ account: 'main', connection: 'desk', cursor });
  };
  void environment.run(run);
  return {
    temporal,
    notes,
    cursors,
    environment,
    result: () => result,
    register: (...handoffs: string[]) => temporal.start(WATCH, { register: handoffs }),
  };
}

test('polls for as long as handoffs are registered, at most a session, and answers with its cursor', async () => {
  const watch = watching({ feed: [message('1')] });
  watch.register(ID);
  await jest.advanceTimersByTimeAsync(4.9 * MINUTE);
  expect(watch.result()).toBeUndefined();
  expect(watch.temporal.delivered(ID)).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(0.2 * MINUTE);
  expect(watch.result()).toEqual({ cursor: `${watch.cursors.length}` });
  expect(watch.cursors.length).toBeGreaterThan(280);
});

test('P18: an agent who writes within two minutes after the last handoff is notified', async () => {
  const watch = watching({ feed: [undefined, undefined, message('late')] });
  watch.temporal.start(ID, { status: 'COMPLETED' });
  await jest.advanceTimersByTimeAsync(MINUTE);
  expect(watch.notes).toHaveLength(1);
  expect(watch.result()).toBeUndefined();
  await jest.advanceTimersByTimeAsync(1.1 * MINUTE);
  expect(watch.result()).toEqual({ cursor: `${watch.cursors.length}` });
});

test('a handoff that begins in these minutes goes on being watched', async () => {
  const watch = watching();
  await jest.advanceTimersByTimeAsync(1.9 * MINUTE);
  watch.register(ID);
  await jest.advanceTimersByTimeAsync(2 * MINUTE);
  expect(watch.result()).toBeUndefined();
  watch.register();
  await jest.advanceTimersByTimeAsync(1.9 * MINUTE);
  expect(watch.result()).toBeUndefined();
  await jest.advanceTimersByTimeAsync(0.3 * MINUTE);
  expect(watch.result()).toBeDefined();
});

test('P27: after a crash the next attempt reads on from the cursor of the last heartbeat', async () => {
  const watch = watching({ cursor: '3', attempt: { attempt: 2, heartbeatDetails: '7' } });
  await jest.advanceTimersByTimeAsync(3 * MINUTE);
  expect(watch.cursors[0]).toBe('7');
  expect(watch.environment.heartbeats.at(-1)).toBe(watch.result()!.cursor);
});

import type { CallPriority } from '../../../connectors/shared/call-context';
import { MAX_PAUSE_MS, partOf, RateLimiter, rateLimitSetting } from '../../../connectors/shared/rate-limit';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const LIMIT = { perSecond: 10, burst: 3 };
const LONG = 120_000;
const after = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** A limiter whose calls write their names down when they start. */
function limited() {
  const limiter = new RateLimiter(LIMIT);
  const started: string[] = [];
  const call = (name: string, priority: CallPriority = 'relay', signal?: AbortSignal) =>
    void limiter.take(priority, LONG, signal).then((how) => started.push(how === 'admitted' ? name : how));
  const calls = (count: number) => Array.from({ length: count }, (_, n) => call(String(n)));
  return { limiter, started, call, calls };
}

test('a burst starts at once, and what follows at the rate', async () => {
  const { started, calls } = limited();
  calls(6);
  await after(0);
  expect(started).toEqual(['0', '1', '2']);
  await after(100);
  expect(started).toEqual(['0', '1', '2', '3']);
  await after(200);
  expect(started).toHaveLength(6);
});

test('no more than the burst is saved up in a quiet time', async () => {
  const { started, calls } = limited();
  await after(60_000);
  calls(10);
  await after(0);
  expect(started).toHaveLength(3);
});

test('P33: in any time no more calls start than burst and rate allow, however they come', async () => {
  const { started, calls } = limited();
  for (let step = 0; step < 50; step++) {
    calls(3);
    await after(37);
  }
  expect(started.length).toBeLessThanOrEqual(3 + (50 * 37) / 100);
  expect(started.length).toBeGreaterThanOrEqual(Math.floor((50 * 37) / 100));
});

test('P33: relaying goes before opening, opening before reconciling, and each in its order', async () => {
  const { started, call, calls } = limited();
  calls(3);
  call('reconcile', 'reconcile');
  call('open 1', 'open');
  call('open 2', 'open');
  call('relay 1');
  await after(100);
  call('relay 2');
  await after(400);
  expect(started.slice(3)).toEqual(['relay 1', 'relay 2', 'open 1', 'open 2', 'reconcile']);
});

test('a call that is aborted while it waits leaves the queue and takes no turn', async () => {
  const { started, call, calls } = limited();
  const controller = new AbortController();
  calls(3);
  call('stopped', 'relay', controller.signal);
  call('next');
  controller.abort();
  await after(100);
  expect(started.slice(3)).toEqual(['aborted', 'next']);
  await expect(new RateLimiter(LIMIT).take('relay', LONG, controller.signal)).resolves.toBe('aborted');
});

test('a call whose turn does not come in time is not held any longer', async () => {
  const { limiter, calls } = limited();
  calls(23);
  const late = limiter.take('reconcile', 500);
  await after(500);
  await expect(late).resolves.toBe('timed-out');
});

test('a refusal stops all calls for the time it names, and then the rate begins anew', async () => {
  const { limiter, started, calls } = limited();
  limiter.pause(7_000);
  calls(3);
  await after(7_000);
  expect(started).toEqual([]);
  await after(100);
  expect(started).toEqual(['0']);
  await after(200);
  expect(started).toEqual(['0', '1', '2']);
});

test('a refusal also stops those who wait already', async () => {
  const { limiter, started, calls } = limited();
  calls(4);
  limiter.pause(5_000);
  await after(5_000);
  expect(started).toHaveLength(3);
  await after(100);
  expect(started).toHaveLength(4);
});

test.each([7_200_000, Infinity])('no refusal (%d ms) stops a connection for longer than the cap', async (ms) => {
  const { limiter, started, calls } = limited();
  limiter.pause(ms);
  calls(1);
  await after(MAX_PAUSE_MS + 100);
  expect(started).toEqual(['0']);
});

test('during a pause longer than a call may wait, it does not wait at all', async () => {
  const { limiter } = limited();
  limiter.pause(30_000);
  await expect(limiter.take('relay', 20_000)).resolves.toBe('timed-out');
});

test('nothing is left running once nobody waits', async () => {
  const { calls } = limited();
  calls(5);
  await after(1_000);
  expect(jest.getTimerCount()).toBe(0);
});

test('nor where those who waited were aborted', async () => {
  const { call, calls } = limited();
  const controller = new AbortController();
  calls(3);
  call('stopped', 'relay', controller.signal);
  controller.abort();
  await after(0);
  expect(jest.getTimerCount()).toBe(0);
});

test('several processes have the limit together, and each of them can always start a call', () => {
  expect(partOf({ perSecond: 10, burst: 20 }, 1)).toEqual({ perSecond: 10, burst: 20 });
  expect(partOf({ perSecond: 10, burst: 20 }, 3)).toEqual({ perSecond: 10 / 3, burst: 6 });
  expect(partOf({ perSecond: 1, burst: 1 }, 4)).toEqual({ perSecond: 0.25, burst: 1 });
});

test('the setting is what the vendor publishes, or what is set; nothing else is a limit', () => {
  const setting = rateLimitSetting(LIMIT);
  expect(setting.parse(undefined)).toEqual(LIMIT);
  expect(setting.parse({ perSecond: 0.5, burst: 1 })).toEqual({ perSecond: 0.5, burst: 1 });
  for (const wrong of [{ perSecond: 0, burst: 1 }, { perSecond: 1, burst: 0 }, { perSecond: 1 }, { burst: 1.5 }])
    expect(setting.safeParse(wrong).success).toBe(false);
});

import { contactCenterPoll, withBackoff, type Poll } from '../../../activities/watch/poll';
import type { PollResult } from '../../../connectors/contact-center';
import { VendorError } from '../../../connectors/shared/errors';
import type { ContactCenterEvent } from '../../../domain/events';
import { activityEnvironment, fakeDeps } from '../../support/activities';
import { fakeTemporal } from '../../support/fake-temporal';

const event = (conversation: string): ContactCenterEvent => ({
  type: 'case-closed',
  caseKey: `handoff:main:${conversation}#0123456789ab.1`,
  id: '1',
  at: '2026-01-01T00:00:00.000Z',
});

interface Answer {
  cursor: string | null;
  waitMs: number;
}
const run = (poll: Poll, cursor: string | null, environment = activityEnvironment()): Promise<Answer> =>
  environment.run<[], Answer, () => Promise<Answer>>(() => poll(cursor));

function polling(...results: PollResult[]) {
  const temporal = fakeTemporal(['handoff:main:a', 'handoff:main:b']);
  const start = jest.fn(() => Promise.resolve('start'));
  const read = jest.fn((_cursor: string) => Promise.resolve(results.shift()!));
  const deps = fakeDeps({ client: temporal.client, desk: { poll: { start, read } } });
  return { temporal, start, read, poll: contactCenterPoll(deps, 'main', 'desk', 5_000) };
}

test("a poll brings each handoff its events, and goes on at the feed's own cursor", async () => {
  const { poll, read, temporal } = polling({ events: [event('a'), event('b')], cursor: 'next', more: false });
  expect(await run(poll, 'here')).toEqual({ cursor: 'next', waitMs: 5_000 });
  expect(read).toHaveBeenCalledWith('here');
  expect(temporal.delivered('handoff:main:b')).toMatchObject([{ type: 'case-closed', contactCenter: 'desk' }]);
});

test('a feed with more pages is read on at once', async () => {
  const { poll } = polling({ events: [], cursor: 'next', more: true });
  expect(await run(poll, 'here')).toEqual({ cursor: 'next', waitMs: 0 });
});

test('a feed without a cursor begins now', async () => {
  const { poll, read } = polling({ events: [], cursor: 'next', more: false });
  await run(poll, null);
  expect(read).toHaveBeenCalledWith('start');
});

test('P28: items that cannot be read are set aside, and the others arrive', async () => {
  const { poll, temporal } = polling({ events: [event('a')], cursor: 'next', more: false, unreadable: 2 });
  const environment = activityEnvironment();
  expect(await run(poll, 'here', environment)).toEqual({ cursor: 'next', waitMs: 5_000 });
  expect(temporal.delivered('handoff:main:a')).toHaveLength(1);
  expect(environment.counts).toMatchObject({ 'handoff_worker_set_aside_total{account=main,connection=desk}': 2 });
});

test('P28: an event whose handoff is gone stops no other', async () => {
  const { poll, temporal } = polling({ events: [event('gone'), event('a')], cursor: 'next', more: false });
  await run(poll, 'here');
  expect(temporal.delivered('handoff:main:a')).toHaveLength(1);
});

describe('a vendor that is down', () => {
  const about = { account: 'main', connection: 'desk' };
  const failing = (...errors: (Error | undefined)[]) =>
    withBackoff((cursor) => {
      const error = errors.shift();
      return error ? Promise.reject(error) : Promise.resolve({ cursor, waitMs: 7 });
    }, about);
  const down = () => new VendorError('unavailable', 'down');

  test('is polled again after ever longer pauses, from where it was, and as before once it answers', async () => {
    const poll = failing(...Array.from({ length: 7 }, down), undefined, down());
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const { cursor, waitMs } = await run(poll, 'here');
      expect(cursor).toBe('here');
      waits.push(waitMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 7, 1_000]);
  });

  test('is in the log now and then, with its connection and the reason, and when it works again', async () => {
    const environment = activityEnvironment();
    const poll = failing(...Array.from({ length: 12 }, down), undefined);
    for (let i = 0; i < 13; i++) await run(poll, null, environment);
    const fields = { account: 'main', connection: 'desk' };
    expect(environment.lines).toMatchObject([
      { level: 'warn', fields: { ...fields, kind: 'unavailable', reason: 'down', failures: 3 } },
      { level: 'warn', fields: { ...fields, failures: 10 } },
      { level: 'info', message: 'polling works again', fields: { ...fields, failures: 12 } },
    ]);
    expect(environment.counts).toMatchObject({
      'handoff_worker_failed_total{account=main,connection=desk,kind=unavailable}': 12,
    });
  });

  test('and says when to come back is believed within half a minute', async () => {
    const poll = failing(
      new VendorError('rate-limited', 'busy', { retryAfterMs: 12_000 }),
      new VendorError('rate-limited', 'busy', { retryAfterMs: 7_200_000 }),
    );
    expect(await run(poll, null)).toEqual({ cursor: null, waitMs: 12_000 });
    expect(await run(poll, null)).toEqual({ cursor: null, waitMs: 30_000 });
  });

  test('is no bug of ours: that one is for Temporal to retry', async () => {
    await expect(run(failing(new TypeError('x')), null)).rejects.toThrow('x');
  });
});

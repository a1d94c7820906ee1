import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Shares } from '../../accounts/shares';
import { activity, toFailure } from '../../activities/run';
import { currentCallContext } from '../../connectors/shared/call-context';
import { VendorError, type VendorErrorKind } from '../../connectors/shared/errors';
import { FINAL_FAILURES } from '../../domain/failures';
import { activityEnvironment, failureOf, fakeClock } from '../support/activities';

type Work = Parameters<typeof activity<{ account: string }, unknown>>[2];
const KIND = { priority: 'relay', connection: () => 'desk' } as const;
const REQUEST = { account: 'main' };

const made = (work: Work, shares = new Shares()) => activity({ shares }, KIND, work);
const forever = () => new Promise<never>(() => undefined);
/** As HTTP calls do it: ended by the signal of the call context. */
const untilAborted = () =>
  new Promise<never>((_, reject) => {
    const { signal } = currentCallContext()!;
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });

afterEach(() => jest.useRealTimers());

describe('heartbeats', () => {
  test('go on in the background, however slow the vendor is, and end with the activity', async () => {
    fakeClock();
    const environment = activityEnvironment();
    let end = (): void => undefined;
    const running = environment.run(
      made(() => new Promise<void>((resolve) => (end = resolve))),
      REQUEST,
    );
    await jest.advanceTimersByTimeAsync(10_000);
    const { length } = environment.heartbeats;
    expect(length).toBeGreaterThanOrEqual(4);
    expect(environment.heartbeats[0]).toEqual({ done: [] });
    end();
    await running;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(environment.heartbeats).toHaveLength(length);
  });

  test('cost nothing where a call ends well and soon', async () => {
    const environment = activityEnvironment();
    await environment.run(
      made((_request, progress) => {
        progress.add('a');
        return Promise.resolve();
      }),
      REQUEST,
    );
    expect(environment.heartbeats).toEqual([]);
  });

  test('carry what is done to the next attempt', async () => {
    const environment = activityEnvironment();
    const failing = made((_request, progress) => {
      progress.add('a');
      progress.add('b');
      return Promise.reject(new VendorError('ambiguous', 'The desk did not answer'));
    });
    await expect(environment.run(failing, REQUEST)).rejects.toThrow('The desk did not answer');
    expect(environment.heartbeats).toEqual([{ done: ['a', 'b'] }]);
  });
});

describe("a vendor's refusal", () => {
  const failing =
    (kind: VendorErrorKind, details: { retryAfterMs?: number } = {}): Work =>
    (_request, progress) => {
      progress.add('a');
      return Promise.reject(new VendorError(kind, 'The desk answered', details));
    };

  test.each(FINAL_FAILURES)('of the final kind %s is not retried, and says what was done before it', async (kind) => {
    const failure = await failureOf(activityEnvironment().run(made(failing(kind)), REQUEST));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: kind, nonRetryable: true, details: [['a']], message: 'The desk answered' });
    expect(failure.cause).toBeUndefined();
  });

  test.each(['rate-limited', 'unavailable', 'unauthorized', 'ambiguous'] as const)(
    'of the kind %s is retried',
    async (kind) => {
      const failure = await failureOf(activityEnvironment().run(made(failing(kind)), REQUEST));
      expect(failure).toMatchObject({ type: kind, details: [['a']] });
      expect(failure.nonRetryable).toBeFalsy();
    },
  );

  test.each([
    [undefined, undefined],
    [5_000, 5_000],
    [90_000_000, 60_000],
  ])('that asks to wait %p ms is retried after %p', (retryAfterMs, nextRetryDelay) => {
    const failure = toFailure(new VendorError('rate-limited', 'Too many', { retryAfterMs }));
    expect((failure as ApplicationFailure).nextRetryDelay ?? undefined).toBe(nextRetryDelay);
  });

  test.each(['rate-limited', 'unavailable', 'unauthorized'] as const)(
    'of the kind %s certainly changed nothing, which the next attempt learns',
    async (kind) => {
      const environment = activityEnvironment({ attempt: 2, heartbeatDetails: { done: [], cleanAttempt: 1 } });
      await failureOf(environment.run(made(failing(kind)), REQUEST));
      expect(environment.heartbeats.at(-1)).toEqual({ done: ['a'], cleanAttempt: 2 });
    },
  );

  test.each(['ambiguous', ...FINAL_FAILURES] as const)('of the kind %s may have had an effect', async (kind) => {
    const environment = activityEnvironment();
    await failureOf(environment.run(made(failing(kind)), REQUEST));
    expect(environment.heartbeats.at(-1)).toEqual({ done: ['a'] });
  });
});

test('a bug of ours goes on as it is, to be retried with a fixed worker', async () => {
  const bug = new TypeError('cannot read');
  expect(
    await failureOf(
      activityEnvironment().run(
        made(() => Promise.reject(bug)),
        REQUEST,
      ),
    ),
  ).toBe(bug);
  expect(toFailure('thrown').message).toBe('thrown');
});

describe('an activity that is cut short', () => {
  const addsThenWaits: Work = (_request, progress) => {
    progress.add('a');
    return untilAborted();
  };

  test('by its workflow is cancelled, and says what it has done', async () => {
    const environment = activityEnvironment();
    const failure = failureOf(environment.run(made(addsThenWaits), REQUEST));
    environment.cancel();
    expect(await failure).toBeInstanceOf(CancelledFailure);
    expect(await failure).toMatchObject({ details: [['a']] });
  });

  test("by its worker's end is retried, and says what it has done", async () => {
    const environment = activityEnvironment();
    const failure = failureOf(environment.run(made(addsThenWaits), REQUEST));
    environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
    expect(await failure).toMatchObject({ type: 'interrupted', details: [['a']] });
    expect((await failure).nonRetryable).toBeFalsy();
  });

  test('starts no further call', async () => {
    const environment = activityEnvironment();
    let calls = 0;
    const work: Work = async () => {
      for (;;) {
        currentCallContext()!.check();
        calls++;
        if (calls === 2) environment.cancel();
        await Promise.resolve();
      }
    };
    expect(await failureOf(environment.run(made(work), REQUEST))).toBeInstanceOf(CancelledFailure);
    expect(calls).toBe(2);
  });

  test('while it waits for its turn never begins', async () => {
    const shares = new Shares({ inFlight: 1, waiting: 5 });
    void shares.run({ account: 'main', connection: 'desk' }, 'relay', new AbortController().signal, forever);
    const environment = activityEnvironment();
    const work = jest.fn(() => Promise.resolve());
    const failure = failureOf(environment.run(made(work, shares), REQUEST));
    environment.cancel();
    expect(await failure).toBeInstanceOf(CancelledFailure);
    expect(work).not.toHaveBeenCalled();
  });
});

describe('a process that was paused', () => {
  test('P23: makes no further call when it wakes up: another may have gone on', async () => {
    fakeClock();
    const environment = activityEnvironment();
    let wake = (): void => undefined;
    const calls: string[] = [];
    const work: Work = async (_request, progress) => {
      progress.add('a');
      await new Promise<void>((resolve) => (wake = resolve));
      currentCallContext()!.check();
      calls.push('second call');
    };
    const failure = failureOf(environment.run(made(work), REQUEST));
    await jest.advanceTimersByTimeAsync(3_000);
    jest.setSystemTime(Date.now() + 20_000);
    const { length } = environment.heartbeats;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(environment.heartbeats).toHaveLength(length);
    wake();
    expect(await failure).toMatchObject({ type: 'interrupted', details: [['a']] });
    expect((await failure).nonRetryable).toBeFalsy();
    expect(calls).toEqual([]);
  });

  test('one that is merely slow goes on', async () => {
    fakeClock();
    let wake = (): void => undefined;
    const work: Work = async () => {
      await new Promise<void>((resolve) => (wake = resolve));
      currentCallContext()!.check();
      return 'done';
    };
    const running = activityEnvironment().run(made(work), REQUEST);
    await jest.advanceTimersByTimeAsync(100_000);
    wake();
    expect(await running).toBe('done');
  });
});

test("P32: what finds its connection's share full fails at once, and is retried", async () => {
  const shares = new Shares({ inFlight: 1, waiting: 1 });
  for (let i = 0; i < 3; i++) {
    void shares.run({ account: 'main', connection: 'desk' }, 'relay', new AbortController().signal, forever);
  }
  const failure = await failureOf(activityEnvironment().run(made(forever, shares), REQUEST));
  expect(failure).toMatchObject({ type: 'unavailable' });
  expect(failure.nonRetryable).toBeFalsy();
});

test('its calls go by its priority', async () => {
  const run = activity({ shares: new Shares() }, { ...KIND, priority: 'open' }, () =>
    Promise.resolve(currentCallContext()?.priority),
  );
  expect(await activityEnvironment().run(run, REQUEST)).toBe('open');
});

import type { Progress } from '../../activities/progress';
import { confirmed } from '../../activities/verify';
import { VendorError, type VendorErrorKind } from '../../connectors/shared/errors';
import { activityEnvironment, failureOf, fakeClock } from '../support/activities';

beforeEach(fakeClock);
afterEach(() => jest.useRealTimers());

const progress = { check: jest.fn() } as unknown as Progress;

/** Asks a vendor that answers so, one after the other; the last answer again and again. */
async function asked(...answers: (VendorErrorKind | 'open')[]) {
  let times = 0;
  const ask = () => {
    const answer = answers[Math.min(times++, answers.length - 1)]!;
    return answer === 'open' ? Promise.resolve(answer) : Promise.reject(new VendorError(answer, 'The vendor answered'));
  };
  const result = activityEnvironment().run(() => confirmed(progress, ask));
  const settled = result.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  await jest.advanceTimersByTimeAsync(60_000);
  return { ...(await settled), times };
}

test('what exists is so at the first answer', async () => {
  expect(await asked('open')).toEqual({ answer: 'open', times: 1 });
});

test('P19: only the third "not found" in a row is believed', async () => {
  expect(await asked('not-found')).toEqual({ answer: 'not-found', times: 3 });
});

test.each([1, 2])('%i false "not found" of a vendor that restarts is not', async (times) => {
  const falsely = new Array<'not-found'>(times).fill('not-found');
  expect(await asked(...falsely, 'open')).toEqual({ answer: 'open', times: times + 1 });
});

test.each(['rejected', 'conversation-closed', 'case-closed', 'unsupported'] as const)(
  'a refusal (%s) says nothing, and is tried again',
  async (kind) => {
    expect(await asked(kind)).toMatchObject({ error: { kind: 'unavailable' }, times: 1 });
  },
);

test('a failure that passes goes on as it is', async () => {
  expect(await asked('not-found', 'rate-limited')).toMatchObject({ error: { kind: 'rate-limited' }, times: 2 });
});

test('a bug is none of it', async () => {
  const failure = failureOf(
    activityEnvironment().run(() => confirmed(progress, () => Promise.reject(new TypeError('x')))),
  );
  expect(await failure).toBeInstanceOf(TypeError);
});

test('each time it asks again it makes sure that no other worker has taken over', async () => {
  const check = jest.fn(() => {
    throw new Error('paused');
  });
  const ask = jest.fn(() => Promise.reject(new VendorError('not-found', 'x')));
  const failure = await failureOf(activityEnvironment().run(() => confirmed({ check } as unknown as Progress, ask)));
  expect(failure.message).toBe('paused');
  expect(ask).toHaveBeenCalledTimes(1);
});

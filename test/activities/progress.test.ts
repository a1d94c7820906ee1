import { startProgress, type Progress } from '../../activities/progress';
import { LATE_MS } from '../../domain/limits';
import { activityEnvironment, type Attempt } from '../support/activities';

/** The progress with which an attempt begins, and what it reports. */
async function begun(
  attempt: Attempt,
  use: (progress: Progress) => void = () => undefined,
): Promise<{ done: unknown[]; isDoubtful: boolean; heartbeats: unknown[] }> {
  const environment = activityEnvironment(attempt);
  return environment.run(() => {
    const progress = startProgress();
    const { done, isDoubtful } = progress;
    const before = [...done];
    use(progress);
    progress.stop();
    return Promise.resolve({ done: before, isDoubtful, heartbeats: environment.heartbeats });
  });
}

test('a first attempt has done nothing, and is in no doubt', async () => {
  expect(await begun({ attempt: 1 })).toEqual({ done: [], isDoubtful: false, heartbeats: [] });
});

test('an attempt goes on behind what the earlier ones have done', async () => {
  const { done, heartbeats } = await begun(
    { attempt: 2, heartbeatDetails: { done: ['a'], cleanAttempt: 1 } },
    (progress) => {
      progress.add('b');
      progress.failed(false);
    },
  );
  expect(done).toEqual(['a']);
  expect(heartbeats).toEqual([{ done: ['a', 'b'] }]);
});

test('after an attempt that certainly had no effect beyond its report nothing needs to be read back', async () => {
  expect(await begun({ attempt: 2, heartbeatDetails: { done: ['a'], cleanAttempt: 1 } })).toMatchObject({
    isDoubtful: false,
  });
});

test.each([
  ['said nothing at all, such as a worker that was killed', undefined],
  ['reported, and then failed in the middle of a call', { done: ['a'] }],
  ['was clean, but another one came after it', { done: ['a'], cleanAttempt: 1 }],
])('after an attempt that %s, what it may have done is read back', async (_what, heartbeatDetails) => {
  expect(await begun({ attempt: 3, heartbeatDetails })).toMatchObject({ isDoubtful: true });
});

test('P29: an attempt that waited long for a worker may have been made before Temporal was restored from a backup', async () => {
  const scheduled = (agoMs: number) => ({ currentAttemptScheduledTimestampMs: Date.now() - agoMs });
  expect(await begun({ attempt: 1, ...scheduled(LATE_MS + 1_000) })).toMatchObject({ isDoubtful: true });
  const clean = { attempt: 2, heartbeatDetails: { done: [], cleanAttempt: 1 } };
  expect(await begun({ ...clean, ...scheduled(LATE_MS + 1_000) })).toMatchObject({ isDoubtful: true });
  expect(await begun({ ...clean, ...scheduled(LATE_MS / 2) })).toMatchObject({ isDoubtful: false });
});

test('an attempt that ends without an effect says so with its number', async () => {
  const { heartbeats } = await begun({ attempt: 4, heartbeatDetails: { done: ['a'], cleanAttempt: 3 } }, (progress) =>
    progress.failed(true),
  );
  expect(heartbeats).toEqual([{ done: ['a'], cleanAttempt: 4 }]);
});

test('P7: an attempt without an effect leaves in doubt what one before it may have done', async () => {
  const { heartbeats } = await begun({ attempt: 2, heartbeatDetails: { done: ['a'] } }, (progress) =>
    progress.failed(true),
  );
  expect(heartbeats).toEqual([{ done: ['a'] }]);
  expect(await begun({ attempt: 3, heartbeatDetails: heartbeats.at(-1) })).toMatchObject({ isDoubtful: true });
});

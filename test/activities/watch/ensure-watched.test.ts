import { ensureWatched } from '../../../activities/watch/ensure-watched';
import type { ContactCenter } from '../../../connectors/contact-center';
import { SIGNALS } from '../../../domain/contract';
import { PLATFORM } from '../../../domain/ids';
import { activityEnvironment, fakeDeps } from '../../support/activities';
import { fakeTemporal } from '../../support/fake-temporal';

const WATCH = 'watch:main:desk';
const HANDOFF = 'handoff:main:conv';
const poll = { start: () => Promise.resolve('now'), read: () => Promise.reject(new Error('unused')) };

function watching(desk: Partial<ContactCenter> = { poll }) {
  const temporal = fakeTemporal();
  const deps = fakeDeps({ client: temporal.client, desk });
  const ensure = (connection = 'desk') =>
    activityEnvironment().run(() => ensureWatched(deps, 'main', connection, HANDOFF));
  return { temporal, ensure };
}

test('the watch that runs learns of the handoff', async () => {
  const { temporal, ensure } = watching();
  temporal.start(WATCH);
  await ensure();
  expect(temporal.signals(WATCH, SIGNALS.register)).toMatchObject([[[{ handoffId: HANDOFF }]]]);
  expect(temporal.started).toEqual([]);
});

test('without one, a watch begins with the moment before the case is opened', async () => {
  const { temporal, ensure } = watching();
  await ensure();
  expect(temporal.started).toMatchObject([{ workflowId: WATCH, args: [{ cursor: 'now' }], memo: { cursor: 'now' } }]);
  expect(temporal.signals(WATCH, SIGNALS.register)).toHaveLength(1);
});

test.each(['COMPLETED', 'TERMINATED'])(
  'a watch reads on from where the last one stood, however that ended: %s',
  async (status) => {
    const { temporal, ensure } = watching();
    temporal.start(WATCH, { status, memo: { cursor: 'where it stood' } });
    await ensure();
    expect(temporal.started).toMatchObject([{ args: [{ cursor: 'where it stood' }] }]);
  },
);

test('what has nothing to poll and nothing to read needs no watch', async () => {
  const { temporal, ensure } = watching({});
  await ensure();
  await ensure(PLATFORM);
  expect(temporal.started).toEqual([]);
});

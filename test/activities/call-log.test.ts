import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { Shares } from '../../accounts/shares';
import { activity } from '../../activities/run';
import { VendorError, type VendorErrorKind } from '../../connectors/shared/errors';
import { activityEnvironment, failureOf, fakeClock, type Attempt } from '../support/activities';

interface Request {
  account: string;
  messageIds: string[];
}
type Work = Parameters<typeof activity<Request, string>>[2];

/** The lines that one attempt leaves. Each test has a connection of its own, since failures of one are reported once. */
async function linesOf(work: Work, attempt: Attempt = {}, connection: string = randomUUID()) {
  const kind = {
    priority: 'relay',
    connection: () => connection,
    logged: ({ messageIds }: Request, sent?: string) => ({ messageIds, ...(sent && { platformIds: [sent] }) }),
  } as const;
  const environment = activityEnvironment(attempt);
  const run = activity<Request, string>({ shares: new Shares() }, kind, work);
  await environment.run(run, { account: 'main', messageIds: ['m-1', 'm-2'] }).catch(() => undefined);
  return environment.lines.filter(({ level }) => level !== 'debug');
}
const failing =
  (error: Error): Work =>
  (_request, progress) => {
    progress.add('m-1');
    return Promise.reject(error);
  };
const refusal = (kind: VendorErrorKind) => new VendorError(kind, 'The desk answered');

afterEach(() => jest.useRealTimers());

test('a call that is done leaves one line with account, connection and the ids of its messages', async () => {
  expect(await linesOf(() => Promise.resolve('p-1'), {}, 'desk')).toEqual([
    {
      level: 'info',
      message: 'vendor call',
      fields: expect.objectContaining({
        account: 'main',
        connection: 'desk',
        messageIds: ['m-1', 'm-2'],
        platformIds: ['p-1'],
      }),
    },
  ]);
});

test('a call that only reads leaves none', async () => {
  const environment = activityEnvironment();
  const kind = { priority: 'relay', connection: () => 'desk' } as const;
  const run = activity({ shares: new Shares() }, kind, () => Promise.resolve('read'));
  await environment.run(run, { account: 'main' });
  expect(environment.lines).toEqual([]);
});

test('a refusal for good says of which messages, why, and how many of them are done', async () => {
  expect(await linesOf(failing(refusal('too-large')), {}, 'desk')).toMatchObject([
    {
      level: 'warn',
      message: 'a vendor refused a call for good',
      fields: {
        connection: 'desk',
        messageIds: ['m-1', 'm-2'],
        done: 1,
        kind: 'too-large',
        reason: 'The desk answered',
      },
    },
  ]);
});

test('a refusal that belongs to the life of a handoff is no warning', async () => {
  expect(await linesOf(failing(refusal('case-closed')))).toMatchObject([{ level: 'info' }]);
});

test.each([
  [refusal('unavailable'), 'unavailable'],
  [refusal('unauthorized'), 'unauthorized'],
  [ApplicationFailure.create({ type: 'unknown-account', message: 'The settings have no account.' }), 'unknown-account'],
])('a call that keeps failing is reported at some of its attempts: %s', async (error, kind) => {
  const levels = [];
  for (const attempt of [1, 2, 3, 4, 10]) levels.push(await linesOf(failing(error), { attempt }));
  expect(levels.map(({ length }) => length)).toEqual([0, 0, 1, 0, 1]);
  expect(levels[2]).toMatchObject([
    { level: 'warn', message: 'a vendor call keeps failing', fields: { kind, reason: error.message } },
  ]);
});

test('where all handoffs of a connection fail in the same way, one line in ten seconds speaks for them', async () => {
  fakeClock();
  const desk = randomUUID();
  const fail = (kind: VendorErrorKind) => linesOf(failing(refusal(kind)), { attempt: 3 }, desk);
  expect(await fail('unavailable')).toHaveLength(1);
  expect(await fail('unavailable')).toHaveLength(0);
  expect(await fail('unavailable')).toHaveLength(0);
  expect(await fail('rate-limited')).toHaveLength(1);
  jest.setSystemTime(Date.now() + 10_000);
  expect(await fail('unavailable')).toMatchObject([{ fields: { leftOut: 2 } }]);
});

test('what is cut short is no failure', async () => {
  const environment = activityEnvironment({ attempt: 3 });
  const kind = { priority: 'relay', connection: () => 'desk' } as const;
  const run = activity({ shares: new Shares() }, kind, () => {
    environment.cancel();
    return Promise.reject(refusal('unavailable'));
  });
  await failureOf(environment.run(run, { account: 'main' }));
  expect(environment.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
});

test('each failed attempt is counted by connection and kind', async () => {
  const environment = activityEnvironment({ attempt: 2 });
  const kind = { priority: 'relay', connection: () => 'desk' } as const;
  const run = activity({ shares: new Shares() }, kind, () => Promise.reject(refusal('unavailable')));
  for (let i = 0; i < 2; i++) await failureOf(environment.run(run, { account: 'main' }));
  expect(environment.counts).toEqual({
    'handoff_worker_failed_total{account=main,connection=desk,kind=unavailable}': 2,
  });
});

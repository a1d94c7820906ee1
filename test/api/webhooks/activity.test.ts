import type { Account } from '../../../accounts/connect';
import type { Temporal } from '../../../api/temporal/client';
import { createActivityReports } from '../../../api/webhooks/activity';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function setup(active: () => Promise<void> = () => Promise.resolve()) {
  const sent: [string, string[]][] = [];
  const temporal = {
    active: (account: string, ids: string[]) => {
      sent.push([account, ids]);
      return active();
    },
  } as unknown as Temporal;
  const failed: string[] = [];
  const reports = createActivityReports(temporal, ({ name }) => failed.push(name));
  const account = { name: 'main', platform: { history: {} }, settings: { watch: { reconcileEvery: 60_000 } } };
  return { sent, failed, reports, account: account as unknown as Account };
}

test('many messages of a quarter of a minute cost one signal', async () => {
  const { sent, reports, account } = setup();
  for (let i = 0; i < 100; i++) reports.note(account, [`handoff:main:${i % 10}`]);
  expect(sent).toEqual([]);
  await jest.advanceTimersByTimeAsync(15_000);
  expect(sent).toEqual([['main', Array.from({ length: 10 }, (_, i) => `handoff:main:${i}`)]]);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveLength(1);
});

test('a platform that cannot be read has no watch to signal', async () => {
  const { sent, reports, account } = setup();
  reports.note({ ...account, platform: {} } as unknown as Account, ['handoff:main:1']);
  reports.note(account, []);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([]);
});

test('a report that fails is counted and stops no later one', async () => {
  const { sent, failed, reports, account } = setup(() => Promise.reject(new Error('down')));
  reports.note(account, ['handoff:main:1']);
  await jest.advanceTimersByTimeAsync(15_000);
  reports.note(account, ['handoff:main:1']);
  await jest.advanceTimersByTimeAsync(15_000);
  expect([failed, sent.length]).toEqual([['main', 'main'], 2]);
});

import { join } from 'node:path';
import { withCallContext } from '../../../connectors/shared/call-context';
import { requestTracker } from '../../../connectors/request-tracker';
import { sandboxEnvironment } from '../../../sandbox/launch/environment';
import { readPorts } from '../../../sandbox/launch/ports';
import { loadSettings } from '../../../settings/load';
import { having } from './fake-feed';
import { startFake } from './fake-request-tracker';

const least = { kind: 'request-tracker', baseUrl: 'https://rt.example.com', username: 'handoff' };
const issues = (more: object) =>
  requestTracker.settings.safeParse({ ...least, ...more }).error?.issues.map(({ path }) => path.join('.'));

describe('The settings', () => {
  test('need no more than an address and credentials', () => {
    expect(requestTracker.settings.parse({ ...least, password: 'p' })).toMatchObject({
      queue: 'General',
      customField: 'HandoffKey',
      appendAs: 'requestor',
      priorities: { LOW: 0, NORMAL: 50, HIGH: 80, URGENT: 100 },
      closedStatuses: ['resolved', 'rejected', 'deleted'],
    });
  });

  test.each([
    ['no credentials', {}, ['password']],
    ['two kinds of credentials', { password: 'p', token: 't' }, ['password']],
    ['a field that would end the query', { password: 'p', customField: 'a} OR 1=1' }, ['customField']],
    ['an address that is none', { password: 'p', baseUrl: 'rt' }, ['baseUrl']],
  ])('are refused with %s', (_, more, paths) => {
    expect(issues(more)).toEqual(paths);
  });
});

test('The rate limit is one for relaying and for reading the feed', async () => {
  const fake = await startFake(
    having(() => []),
    { rateLimit: { perSecond: 0.01, burst: 1 } },
  );
  await fake.contactCenter.poll!.start();
  const stop = new AbortController();
  const context = { signal: stop.signal, priority: 'relay', check: () => undefined } as const;
  const found = withCallContext(context, () => fake.contactCenter.findCase('handoff:main:c1#0123456789ab.1'));
  stop.abort();
  await expect(found).rejects.toMatchObject({ message: /interrupted before it was sent/ });
  expect(fake.asked).toHaveLength(1);
  await fake.stop();
});

describe('The settings to try it with the sandbox', () => {
  test('are complete with what npm start sets and the two variables of Request Tracker', () => {
    const root = join(__dirname, '..', '..', '..');
    const config = join(root, 'sandbox', 'handoff.request-tracker.yaml');
    const rt = { HANDOFF_CONFIG: config, RT_URL: 'http://127.0.0.1:9680', RT_PASSWORD: 'p' };
    const { accounts } = loadSettings({ ...sandboxEnvironment(readPorts({}), root), ...rt });
    const kinds = Object.values(accounts).map(({ contactCenters }) => contactCenters.rt?.kind);
    expect(kinds).toEqual(['request-tracker', 'request-tracker']);
  });
});

import {
  ID,
  MAIN_KEY,
  MANAGE_KEY,
  READ_KEY,
  startApi,
  viewOf,
  WRITE_KEY,
  type RunningApi,
} from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi({ accounts: ['main', 'other'] });
});
afterEach(() => api.stop());

const HANDOFF = `/v1/handoffs/${encodeURIComponent(ID)}`;
const OTHER = `/v1/handoffs/${encodeURIComponent('handoff:other:c1')}`;
const start = (key: string | undefined, account = 'main') =>
  api.call('POST', '/v1/handoffs', { body: { conversationId: 'c1', account }, key });

test('an unknown key is refused with 401', async () => {
  for (const key of [undefined, 'wrong-key-1', `${WRITE_KEY}x`]) {
    const answer = await start(key);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  }
  expect(api.temporal.starts).toHaveLength(0);
});

test('no scope includes another: the key that starts handoffs can neither read, list, close, transfer nor retry', async () => {
  const calls: [method: string, path: string, scope: string][] = [
    ['POST', '/v1/handoffs', WRITE_KEY],
    ['GET', HANDOFF, READ_KEY],
    ['GET', '/v1/handoffs', READ_KEY],
    ['POST', `${HANDOFF}/close`, MANAGE_KEY],
    ['POST', `${HANDOFF}/transfer`, MANAGE_KEY],
    ['POST', `${HANDOFF}/messages/1/retry`, MANAGE_KEY],
  ];
  api.temporal.add(ID, { updates: { close: () => viewOf(), transfer: () => viewOf(), retry: () => viewOf() } });
  for (const [method, path, allowed] of calls) {
    for (const key of [WRITE_KEY, READ_KEY, MANAGE_KEY]) {
      const body = path.endsWith('transfer')
        ? { to: 'support' }
        : path === '/v1/handoffs'
          ? { conversationId: 'c1', account: 'main' }
          : {};
      const { status } = await api.call(method, path, { key, ...(method === 'POST' && { body }) });
      expect([method, path, key, status === 403]).toEqual([method, path, key, key !== allowed]);
      expect(status).toBeLessThan(404);
    }
  }
});

describe('a key that is limited to accounts', () => {
  test('is refused for other accounts, existing or not', async () => {
    api.temporal.add('handoff:other:c1');
    const answers = [
      await start(MAIN_KEY, 'other'),
      await start(MAIN_KEY, 'nowhere'),
      await api.call('GET', OTHER, { key: MAIN_KEY }),
      await api.call('POST', `${OTHER}/close`, { key: MAIN_KEY }),
      await api.call('GET', '/v1/handoffs?account=other', { key: MAIN_KEY }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(api.temporal.starts).toEqual([]);
  });

  test('works for its own, and lists nothing else', async () => {
    expect((await start(MAIN_KEY)).status).toBe(202);
    expect((await api.call('GET', HANDOFF, { key: MAIN_KEY })).status).toBe(200);
    expect((await api.call('GET', '/v1/handoffs', { key: MAIN_KEY })).status).toBe(200);
    expect(api.temporal.lists[0]!.query).toContain("HandoffAccount IN ('main')");
  });

  test('of one account alone need not name it', async () => {
    const several = await startApi({ accounts: ['main', 'other'] });
    const answer = await several.call('POST', '/v1/handoffs', { body: { conversationId: 'c9' }, key: MAIN_KEY });
    await several.stop();
    expect(answer.body.handoffId).toBe('handoff:main:c9');
  });
});

test('an address that keeps guessing keys gets 429; a valid key from there still passes, and so do webhooks', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 40; i++) statuses.push((await start(`guess-${i}`)).status);
  expect(new Set(statuses.slice(0, 30))).toEqual(new Set([401]));
  expect(new Set(statuses.slice(30))).toEqual(new Set([429]));
  expect((await start(WRITE_KEY)).status).toBe(202);
  expect((await api.call('POST', '/webhooks/main/platform', { body: {} })).status).toBe(200);
});

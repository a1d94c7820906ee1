import { executionInfo, READ_KEY, startApi, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.stop());

const read = (query = '') => api.call('GET', `/v1/handoffs${query}`, { key: READ_KEY });
const ALL = "WorkflowType = 'handoff' AND ExecutionStatus != 'ContinuedAsNew'";

test('a list asks for exactly what its query says, quotes and all', async () => {
  const queue = encodeURIComponent("O'Hare\\");
  const answer = await read(`?account=main&state=waiting&queue=${queue}&case=7&undelivered=true&limit=7`);
  expect([answer.status, answer.body]).toEqual([200, { items: [] }]);
  expect(api.temporal.lists[0]).toMatchObject({ namespace: 'default', pageSize: 7 });
  expect(api.temporal.lists[0]!.query).toBe(
    `${ALL} AND HandoffAccount = 'main' AND HandoffState = 'waiting' AND ExecutionStatus NOT IN ('Failed', 'Terminated', 'TimedOut')` +
      " AND HandoffQueue = 'O\\'Hare\\\\' AND HandoffCase = '7' AND HandoffUndelivered > 0",
  );
});

test('a list can be filtered by outcome, contact center and both times', async () => {
  const times = 'startedAfter=2026-11-21T12:00:00Z&startedBefore=2026-11-22T00:00:00%2B01:00';
  const closed = 'closedAfter=2026-11-21T13:00:00Z&closedBefore=2026-11-21T14:00:00Z';
  await read(`?outcome=resolved&contactCenter=support&${times}&${closed}`);
  expect(api.temporal.lists[0]!.query).toBe(
    `${ALL} AND HandoffOutcome = 'resolved' AND HandoffContactCenter = 'support'` +
      " AND StartTime >= '2026-11-21T12:00:00.000Z' AND StartTime < '2026-11-21T23:00:00.000Z'" +
      " AND CloseTime >= '2026-11-21T13:00:00.000Z' AND CloseTime < '2026-11-21T14:00:00.000Z'",
  );
});

test('failed handoffs are those that Temporal ended', async () => {
  await read('?state=failed');
  expect(api.temporal.lists[0]!.query).toBe(`${ALL} AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')`);
});

test('a filter value is cut like the stored one, so that both still match', async () => {
  await read(`?queue=${'q'.repeat(300)}`);
  expect(api.temporal.lists[0]!.query).toContain(`HandoffQueue = '${'q'.repeat(255)}'`);
});

test('a list shows outcome, contact center, case and both times, and its token leads to the next page', async () => {
  const token = new Uint8Array([255, 0, 254]);
  const attributes = {
    HandoffState: 'closed',
    HandoffOutcome: 'resolved',
    HandoffContactCenter: 'support',
    HandoffCase: '7',
    HandoffUndelivered: 2,
  };
  const closeTime = { seconds: 1_700_000_100 };
  const executions = [
    executionInfo('handoff:main:c:1', { status: 2, attributes, closeTime }),
    executionInfo('handoff:main:c2', { status: 5, attributes: { HandoffState: 'waiting' }, closeTime }),
    executionInfo('handoff:main:c3', {
      memo: { startedAt: '2023-11-01T00:00:00.000Z' },
      attributes: { HandoffState: 'connected' },
    }),
  ];
  api.temporal.page = { executions, nextPageToken: token };
  const { body } = await read();
  expect(body.items).toEqual([
    {
      handoffId: 'handoff:main:c:1',
      account: 'main',
      conversationId: 'c:1',
      state: 'closed',
      outcome: 'resolved',
      contactCenter: 'support',
      case: { id: '7' },
      startedAt: '2023-11-14T22:13:20.005Z',
      closedAt: '2023-11-14T22:15:00.000Z',
      undelivered: 2,
    },
    expect.objectContaining({ handoffId: 'handoff:main:c2', state: 'failed', closedAt: '2023-11-14T22:15:00.000Z' }),
    expect.objectContaining({
      handoffId: 'handoff:main:c3',
      state: 'connected',
      startedAt: '2023-11-01T00:00:00.000Z',
    }),
  ]);
  await read(`?pageToken=${body.nextPageToken}`);
  expect([...(api.temporal.lists[1]!.nextPageToken as Uint8Array)]).toEqual([...token]);
});

test.each([
  'state=lost',
  'outcome=won',
  'startedAfter=yesterday',
  'limit=0',
  'limit=201',
  'limit=x',
  'pageToken=%3D%3D',
  'color=red',
])('a list refuses %s', async (query) => {
  expect((await read(`?${query}`)).status).toBe(400);
});

test('a page token is valid only for the query it was given for', async () => {
  api.temporal.page = { executions: [], nextPageToken: new Uint8Array([1, 2, 3]) };
  const { nextPageToken } = (await read('?state=waiting')).body as { nextPageToken: string };
  expect((await read(`?state=waiting&limit=7&pageToken=${nextPageToken}`)).status).toBe(200);
  expect((await read(`?state=closed&pageToken=${nextPageToken}`)).status).toBe(400);
  expect((await read(`?state=waiting&pageToken=${nextPageToken.slice(1)}`)).status).toBe(400);
});

import { ApplicationFailure, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { grpcError, ID, READ_KEY, startApi, viewOf, WRITE_KEY, type RunningApi } from './fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.stop());

const start = (body: unknown, headers?: Record<string, string>) =>
  api.call('POST', '/v1/handoffs', { body, key: WRITE_KEY, headers });
const read = (path: string) => api.call('GET', path, { key: READ_KEY });
const command = (path: string, body?: unknown) => api.call('POST', path, { body, key: WRITE_KEY });
const HANDOFF = `/v1/handoffs/${encodeURIComponent(ID)}`;

describe('keys and scopes', () => {
  test('lets nobody in without a known key', async () => {
    for (const key of [undefined, 'wrong-key-1', `${WRITE_KEY}x`]) {
      const answer = await api.call('POST', '/v1/handoffs', { body: { conversationId: 'c1' }, key });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(api.temporal.starts).toHaveLength(0);
  });

  test('keeps to the scopes of a key, in both directions', async () => {
    expect((await api.call('POST', '/v1/handoffs', { body: { conversationId: 'c1' }, key: READ_KEY })).status).toBe(
      403,
    );
    expect((await api.call('GET', HANDOFF, { key: WRITE_KEY })).status).toBe(403);
    expect((await api.call('GET', '/v1/handoffs', { key: WRITE_KEY })).status).toBe(403);
    expect((await api.call('POST', `${HANDOFF}/close`, { key: READ_KEY })).status).toBe(403);
  });
});

describe('starting a handoff', () => {
  test('gives Temporal the call, and answers 202 with the id', async () => {
    const answer = await start({
      conversationId: 'c1',
      language: '',
      priority: 'HIGH',
      customer: { name: 'Ana' },
      history: [{ id: 'm1', author: 'end-user', at: '2026-11-21T13:00:00+01:00', text: 'hello' }],
    });
    expect([answer.status, answer.body]).toEqual([202, { handoffId: ID, status: 'accepted' }]);
    const [started] = api.temporal.starts;
    expect(started).toMatchObject({ workflowId: ID, taskQueue: 'handoffs-of-tests', workflowIdConflictPolicy: 'FAIL' });
    const [{ account, conversationId, call, settings }] = started!.args;
    expect({ account, conversationId, call }).toEqual({
      account: 'main',
      conversationId: 'c1',
      call: {
        priority: 'HIGH',
        customer: { name: 'Ana' },
        history: [
          { id: 'm1', author: 'end-user', at: '2026-11-21T12:00:00.000Z', content: { kind: 'text', text: 'hello' } },
        ],
      },
    });
    expect(settings.routing).toEqual([{ to: 'support' }]);
    expect(JSON.stringify(started)).not.toContain('platform-secret');
    expect(`${String(started!.staticSummary)}${String(started!.staticDetails)}`).not.toMatch(/Ana|hello|c1/);
  });

  test('finds the open handoff of a conversation', async () => {
    api.temporal.add(ID);
    expect((await start({ conversationId: 'c1' })).body).toEqual({ handoffId: ID, status: 'existing' });
  });

  test('takes any conversation id that is well-formed, to the last byte', async () => {
    for (const conversationId of ['a/b:c#d?', 'žluťoučký 🐎', 'x'.repeat(190), 'é'.repeat(95)]) {
      expect((await start({ conversationId })).body).toMatchObject({ handoffId: `handoff:main:${conversationId}` });
    }
  });

  test.each([
    ['is missing', {}],
    ['is empty', { conversationId: '' }],
    ['is too long in bytes', { conversationId: 'é'.repeat(96) }],
    ['holds a control character', { conversationId: 'a\nb' }],
    ['is half a surrogate pair', { conversationId: 'a\ud800' }],
    ['is no text', { conversationId: 7 }],
  ])('refuses a conversation id that %s', async (_, body) => {
    const answer = await start(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.errors).toEqual([expect.objectContaining({ path: 'conversationId' })]);
  });

  test('names the place of every mistake', async () => {
    const entry = { author: 'bot', at: '2026-11-21T12:00:00Z', text: 'x' };
    const history = [entry, { ...entry, at: 'yesterday' }, { ...entry, author: 'ghost' }];
    const answer = await start({ conversationId: 'c1', priority: 'high', history, surprise: 1 });
    const paths = (answer.body.errors as { path: string }[]).map(({ path }) => path);
    expect(paths.sort()).toEqual(['', 'history[1].at', 'history[2].author', 'priority']);
  });

  test('takes a history of 1,000 entries and no more, and 50 attributes and no more', async () => {
    const entries = (n: number) =>
      Array.from({ length: n }, () => ({ author: 'bot', at: '2026-11-21T12:00:00Z', text: 'x' }));
    const attributes = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 'v']));
    expect((await start({ conversationId: 'c1', history: entries(1000), attributes: attributes(50) })).status).toBe(
      202,
    );
    expect((await start({ conversationId: 'c2', history: entries(1001) })).body.errors[0].path).toBe('history');
    expect((await start({ conversationId: 'c3', attributes: attributes(51) })).body.errors[0].path).toBe('attributes');
  });

  test('tells malformed JSON, another type and a body that is too large apart', async () => {
    expect((await start('{"conversationId":')).status).toBe(400);
    expect((await start('conversationId=c1', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(
      415,
    );
    expect((await start({ conversationId: 'c1', summary: 'x'.repeat(1024 * 1024) })).status).toBe(413);
    expect((await start('"SECRETTEXT')).text).not.toContain('SECRETTEXT');
  });

  test('answers 404 for an unknown account', async () => {
    expect((await start({ conversationId: 'c1', account: 'other' })).status).toBe(404);
  });

  test('asks for the account where there are several and none is called main', async () => {
    const several = await startApi({ accounts: ['one', 'two'] });
    const answer = await several.call('POST', '/v1/handoffs', { body: { conversationId: 'c1' }, key: WRITE_KEY });
    await several.stop();
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, 'account']);
  });

  test.each([
    ['cannot be reached', 14],
    ['does not answer in time', 4],
    ['is too busy', 8],
  ])('answers 503 with Retry-After when Temporal %s', async (_, code) => {
    api.temporal.down = grpcError(code, 'internal address 10.0.0.1');
    const answer = await start({ conversationId: 'c1' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.text).not.toContain('10.0.0.1');
    expect((await api.call('GET', '/metrics')).text).toContain('handoff_api_temporal_unavailable_total 1');
  });

  test('says what to do when Temporal lacks the search attributes', async () => {
    api.temporal.down = grpcError(3, 'Namespace default has no mapping defined for search attribute HandoffAccount');
    const answer = await start({ conversationId: 'c1' });
    expect(answer.status).toBe(503);
    expect(answer.body.detail).toContain('search attributes');
  });

  test('answers 500 without details to what nobody expected', async () => {
    api.temporal.down = new Error('inner secret');
    const answer = await start({ conversationId: 'c1' });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/inner secret|at .*\.ts/);
  });
});

describe('waiting for the verdict', () => {
  const wait = (prefer: string) => start({ conversationId: 'c1' }, { prefer });

  test.each(['connected', 'waiting'] as const)('answers %s as soon as it is known', async (verdict) => {
    api.temporal.withVerdict(verdict);
    const answer = await wait('respond-async, wait=5');
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([202, 'wait=5']);
    expect(answer.body).toEqual({ handoffId: ID, status: 'existing', verdict });
  });

  test('answers 200 when the handoff cannot go on, with its outcome', async () => {
    api.temporal.add(ID, { updates: { verdict: () => 'unavailable' }, view: viewOf({ outcome: 'unavailable' }) });
    const answer = await wait('wait=5');
    expect([answer.status, answer.body.verdict, answer.body.outcome]).toEqual([200, 'unavailable', 'unavailable']);
  });

  test.each([
    ['before it could be asked', new WorkflowNotFoundError('not found', ID, undefined)],
    ['while it was asked', new WorkflowUpdateFailedError('failed', ApplicationFailure.create({ message: 'it ended' }))],
  ])('answers unavailable when the handoff has ended %s', async (_, error) => {
    const verdict = () => {
      throw error;
    };
    api.temporal.add(ID, { updates: { verdict }, view: viewOf({ state: 'closed', outcome: 'cancelled' }) });
    const answer = await wait('wait=5');
    expect([answer.status, answer.body.verdict, answer.body.outcome]).toEqual([200, 'unavailable', 'cancelled']);
  });

  test('answers accepted when no worker is there: the handoff is under way all the same', async () => {
    api.temporal.workerDown = grpcError(4);
    const answer = await wait('wait=1');
    expect([answer.status, answer.body]).toEqual([202, { handoffId: ID, status: 'accepted', verdict: 'accepted' }]);
  });

  test('waits ten seconds at most, and not at all for what is no number', async () => {
    api.temporal.withVerdict('waiting');
    expect((await wait('wait=600')).headers.get('preference-applied')).toBe('wait=10');
    expect((await wait('wait=soon')).body).toEqual({ handoffId: ID, status: 'existing' });
  });
});

describe('looking at a handoff', () => {
  test('shows the view with a link to the Temporal UI and without the reply address', async () => {
    api.temporal.add(ID);
    const answer = await read(HANDOFF);
    const { replyTo: _, ...shown } = viewOf();
    expect([answer.status, answer.body]).toEqual([
      200,
      { ...shown, temporalUiUrl: 'http://ui.example/namespaces/default/workflows/handoff%3Amain%3Ac1' },
    ]);
  });

  test('finds ids with slashes and letters of all scripts', async () => {
    for (const id of ['handoff:main:a/b', 'handoff:main:会话 1']) {
      api.temporal.add(id);
      expect((await read(`/v1/handoffs/${encodeURIComponent(id)}`)).body.handoffId).toBe(id);
    }
  });

  test.each([HANDOFF, '/v1/handoffs/nonsense', '/v1/handoffs/%E0%A4%A', '/v1/nothing'])(
    'answers 404 for %s',
    async (path) => {
      expect((await read(path)).status).toBe(404);
    },
  );

  test.each([4, 9])('says so when no worker answers (gRPC %s)', async (code) => {
    api.temporal.add(ID);
    api.temporal.workerDown = grpcError(code);
    const answer = await read(HANDOFF);
    expect([answer.status, answer.body.detail]).toEqual([503, expect.stringContaining('No worker')]);
  });

  test('tells a Temporal that is away from a worker that is', async () => {
    api.temporal.down = grpcError(14);
    expect((await read(HANDOFF)).body.detail).toBe('Temporal cannot be reached.');
  });
});

describe('the page of handoffs', () => {
  const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);

  test('asks for exactly what the query says, quotes and all', async () => {
    const answer = await read(
      `/v1/handoffs?account=main&state=waiting&queue=${encodeURIComponent("O'Hare\\")}&undelivered=true&limit=7`,
    );
    expect([answer.status, answer.body]).toEqual([200, { items: [] }]);
    expect(api.temporal.lists[0]).toMatchObject({ namespace: 'default', pageSize: 7 });
    expect(api.temporal.lists[0]!.query).toBe(
      "WorkflowType = 'handoff' AND HandoffAccount = 'main' AND HandoffState = 'waiting' AND HandoffQueue = 'O\\'Hare\\\\' AND HandoffUndelivered > 0",
    );
  });

  test('lists handoffs, and its token leads to the next page', async () => {
    const token = new Uint8Array([255, 0, 254]);
    const indexedFields = {
      HandoffState: payload('closed'),
      HandoffCase: payload('7'),
      HandoffUndelivered: payload(2),
    };
    const execution = { workflowId: 'handoff:main:c:1' };
    const startTime = { seconds: 1_700_000_000, nanos: 5_000_000 };
    const executions = [{ execution, startTime, closeTime: startTime, searchAttributes: { indexedFields } }];
    api.temporal.page = { executions, nextPageToken: token };
    const { body } = await read('/v1/handoffs');
    expect(body.items).toEqual([
      {
        handoffId: 'handoff:main:c:1',
        account: 'main',
        conversationId: 'c:1',
        state: 'closed',
        case: '7',
        startedAt: '2023-11-14T22:13:20.005Z',
        closedAt: '2023-11-14T22:13:20.005Z',
        undelivered: 2,
      },
    ]);
    await read(`/v1/handoffs?pageToken=${body.nextPageToken}`);
    expect([...(api.temporal.lists[1]!.nextPageToken as Uint8Array)]).toEqual([...token]);
  });

  test.each(['state=lost', 'limit=0', 'limit=201', 'limit=x', 'pageToken=%3D%3D', 'color=red'])(
    'refuses %s',
    async (query) => {
      expect((await read(`/v1/handoffs?${query}`)).status).toBe(400);
    },
  );

  test('takes a page token for the query alone that it was given for', async () => {
    api.temporal.page = { executions: [], nextPageToken: new Uint8Array([1, 2, 3]) };
    const { nextPageToken } = (await read('/v1/handoffs?state=waiting')).body as { nextPageToken: string };
    expect((await read(`/v1/handoffs?state=waiting&limit=7&pageToken=${nextPageToken}`)).status).toBe(200);
    expect((await read(`/v1/handoffs?state=closed&pageToken=${nextPageToken}`)).status).toBe(400);
    expect((await read(`/v1/handoffs?state=waiting&pageToken=${nextPageToken.slice(1)}`)).status).toBe(400);
  });
});

describe('commands', () => {
  test('closes for the operator, or for who is named, and shows the handoff', async () => {
    const asked: unknown[] = [];
    api.temporal.add(ID, { updates: { close: (by) => (asked.push(by), viewOf({ state: 'closing' })) } });
    const answer = await command(`${HANDOFF}/close`);
    expect([answer.status, answer.body.state, answer.body.replyTo]).toEqual([200, 'closing', undefined]);
    await command(`${HANDOFF}/close`, { by: 'end-user' });
    expect(asked).toEqual(['operator', 'end-user']);
    expect((await command(`${HANDOFF}/close`, { by: 'cat' })).status).toBe(400);
  });

  test('retries the message that is named, whatever its id holds', async () => {
    const asked: unknown[] = [];
    api.temporal.add(ID, { updates: { retry: (id) => (asked.push(id), viewOf()) } });
    expect((await command(`${HANDOFF}/messages/${encodeURIComponent('p:a/1')}/retry`)).status).toBe(200);
    expect(asked).toEqual(['p:a/1']);
  });

  test('answers 404 where nothing runs, 409 with the reason where it is refused, 503 where no worker answers', async () => {
    expect((await command(`${HANDOFF}/close`)).status).toBe(404);
    expect((await command('/v1/handoffs/x/close')).status).toBe(404);
    const handoff = api.temporal.add(ID, { running: false });
    expect((await command(`${HANDOFF}/close`)).status).toBe(404);
    handoff.running = true;
    handoff.updates.close = () => {
      throw new WorkflowUpdateFailedError('failed', ApplicationFailure.create({ message: 'it is closing already' }));
    };
    const refused = await command(`${HANDOFF}/close`);
    expect([refused.status, refused.body.detail]).toEqual([409, 'it is closing already']);
    api.temporal.workerDown = grpcError(4);
    expect((await command(`${HANDOFF}/close`)).status).toBe(503);
  });
});

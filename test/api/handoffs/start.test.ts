import { MAX_CONVERSATION_ID_BYTES } from '../../../domain/ids';
import { grpcError, ID, MAIN_KEY, metric, startApi, viewOf, WRITE_KEY, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi({ now: () => Date.parse('2026-11-21T12:00:00Z') });
});
afterEach(() => api.stop());

const start = (body: unknown, headers?: Record<string, string>) =>
  api.call('POST', '/v1/handoffs', { body, key: WRITE_KEY, headers });

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

  test('gives each handoff a random nonce and its start time', async () => {
    await start({ conversationId: 'c1' });
    await start({ conversationId: 'c2' });
    const nonces = api.temporal.starts.map(({ args: [{ nonce }] }) => nonce);
    expect(nonces).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), expect.stringMatching(/^[0-9a-f]{12}$/)]);
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(api.temporal.starts[0]!.memo).toEqual({ startedAt: '2026-11-21T12:00:00.000Z', startedBy: [] });
  });

  test('finds the open handoff of a conversation', async () => {
    api.temporal.add(ID);
    expect((await start({ conversationId: 'c1' })).body).toEqual({ handoffId: ID, status: 'existing' });
  });

  test('accepts any conversation id that is well-formed, to the last byte', async () => {
    for (const conversationId of [
      'a/b:c#d?',
      'žluťoučký 🐎',
      'x'.repeat(MAX_CONVERSATION_ID_BYTES),
      'é'.repeat(MAX_CONVERSATION_ID_BYTES >> 1),
      '...',
    ]) {
      expect((await start({ conversationId })).body).toMatchObject({ handoffId: `handoff:main:${conversationId}` });
    }
  });

  test.each([
    ['is missing', {}],
    ['is empty', { conversationId: '' }],
    ['is too long in bytes', { conversationId: 'é'.repeat((MAX_CONVERSATION_ID_BYTES >> 1) + 1) }],
    ['contains a control character', { conversationId: 'a\nb' }],
    ['contains NUL', { conversationId: 'a\0' }],
    ['is half a surrogate pair', { conversationId: 'a\ud800' }],
    ['is .', { conversationId: '.' }],
    ['is ..', { conversationId: '..' }],
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

  test('refuses a history that would not fit beside the state of a handoff', async () => {
    const entry = { author: 'bot', at: '2026-11-21T12:00:00Z', text: 'x'.repeat(9_000) };
    const answer = await start({ conversationId: 'c1', history: Array.from({ length: 70 }, () => entry) });
    expect([answer.status, answer.body.errors]).toEqual([400, [expect.objectContaining({ path: 'history' })]]);
  });

  test('accepts a history of 1,000 entries and 50 attributes, and no more', async () => {
    const entries = (n: number) =>
      Array.from({ length: n }, () => ({ author: 'bot', at: '2026-11-21T12:00:00Z', text: 'x' }));
    const attributes = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 'v']));
    const most = { conversationId: 'c1', history: entries(1000), attributes: attributes(50) };
    expect((await start(most)).status).toBe(202);
    expect((await start({ conversationId: 'c2', history: entries(1001) })).body.errors[0].path).toBe('history');
    expect((await start({ conversationId: 'c3', attributes: attributes(51) })).body.errors[0].path).toBe('attributes');
  });

  test('tells malformed JSON, another type and a body that is too large apart, and repeats no text', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await start('{"conversationId":')).status).toBe(400);
    expect((await start('conversationId=c1', form)).status).toBe(415);
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
    ['is over its rate limit', 8],
  ])('answers 503 with Retry-After when Temporal %s', async (_, code) => {
    api.temporal.down = grpcError(code, 'internal address 10.0.0.1');
    const answer = await start({ conversationId: 'c1' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.text).not.toContain('10.0.0.1');
    expect(await metric(api, 'handoff_api_temporal_unavailable_total')).toBe(1);
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

describe('a request for a handoff while one runs', () => {
  test('reaches it as an event, with the call and a nonce for the handoff after it', async () => {
    const handoff = api.temporal.add(ID);
    await start({ conversationId: 'c1', summary: 'again' });
    const [[event]] = handoff.signals as [[{ id: string; nonce: string }]];
    expect(event).toEqual({
      type: 'handoff-requested',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      nonce: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      call: { summary: 'again' },
    });
  });

  test.each(['opening', 'closing', 'closed'] as const)(
    'is accepted while that one ends (%s): the next starts after it',
    async (state) => {
      api.temporal.add(ID, { view: viewOf({ state, outcome: 'resolved' }) });
      const answer = await start({ conversationId: 'c1' }, { prefer: 'wait=5' });
      expect([answer.status, answer.body]).toEqual([202, { handoffId: ID, status: 'accepted', state: 'opening' }]);
    },
  );

  test('passes on what the handoff before it has seen of its cases', async () => {
    api.temporal.add(ID, { running: false, seen: ['p:1', 'c:2', 'r:handoff-requested:3', 'c:case-closed:4'] });
    await start({ conversationId: 'c1' });
    await start({ conversationId: 'c2' });
    expect(api.temporal.starts.map(({ args: [{ seenBefore }] }) => seenBefore)).toEqual([
      ['c:2', 'c:case-closed:4'],
      [],
    ]);
  });

  test('counts as existing where no worker can tell whether it is closing', async () => {
    api.temporal.add(ID);
    api.temporal.workerDown = grpcError(4);
    expect((await start({ conversationId: 'c1' })).body.status).toBe('existing');
  });

  test('starts a new one where that one ends just before the event', async () => {
    const handoff = api.temporal.add(ID);
    api.temporal.beforeSignal = () => void (handoff.running = false);
    expect((await start({ conversationId: 'c1' })).body).toEqual({ handoffId: ID, status: 'accepted' });
    expect(api.temporal.starts).toHaveLength(1);
  });

  test('is answered with 503 where a handoff begins and ends around every attempt', async () => {
    const handoff = api.temporal.add(ID);
    api.temporal.beforeStart = () => void (handoff.running = true);
    api.temporal.beforeSignal = () => void (handoff.running = false);
    const answer = await start({ conversationId: 'c1' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });
});

describe('waiting for the state', () => {
  const wait = (prefer: string) => start({ conversationId: 'c1' }, { prefer });

  test.each(['connected', 'waiting'] as const)('answers %s as soon as it is known', async (state) => {
    api.temporal.withState(() => state);
    const answer = await wait('respond-async, wait=5');
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([202, 'wait=5']);
    expect(answer.body).toEqual({ handoffId: ID, status: 'accepted', state });
  });

  test('answers 200 when the handoff cannot go on, with its outcome and the reason', async () => {
    const view = viewOf({ state: 'opening', outcome: 'unavailable', detail: 'No contact center took the case.' });
    api.temporal.withState(() => 'unavailable', view);
    const answer = await wait('wait=5');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      state: 'unavailable',
      outcome: 'unavailable',
      detail: 'No contact center took the case.',
    });
  });

  test('answers opening when no worker is there: the handoff has started all the same', async () => {
    api.temporal.workerDown = grpcError(4);
    const answer = await wait('wait=1');
    expect([answer.status, answer.body]).toEqual([202, { handoffId: ID, status: 'accepted', state: 'opening' }]);
  });

  test('waits ten seconds at most, and not at all for what is no number', async () => {
    api.temporal.withState(() => 'waiting');
    expect((await wait('wait=600')).headers.get('preference-applied')).toBe('wait=10');
    expect((await wait('wait=soon')).body).toEqual({ handoffId: ID, status: 'existing' });
  });

  test('takes no place from the requests that work', async () => {
    const small = await startApi({ maxInFlight: 2 });
    let answer = (_state: string) => undefined as void;
    const state = new Promise<string>((resolve) => (answer = resolve));
    small.temporal.add(ID, { updates: { awaitState: () => state } });
    const call = (headers?: Record<string, string>) =>
      small.call('POST', '/v1/handoffs', { body: { conversationId: 'c1' }, key: MAIN_KEY, headers });
    const waiting = call({ prefer: 'wait=10' });
    while ((await metric(small, 'handoff_api_handoffs_total')) === 0) await Promise.resolve();
    expect((await call()).status).toBe(202);
    answer('waiting');
    expect((await waiting).body.state).toBe('waiting');
    await small.stop();
  });
});

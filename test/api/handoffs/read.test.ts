import { grpcError, ID, READ_KEY, startApi, viewOf, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.stop());

const read = (path: string) => api.call('GET', path, { key: READ_KEY });
const HANDOFF = `/v1/handoffs/${encodeURIComponent(ID)}`;

describe('reading a handoff', () => {
  test('shows the view with a link to the Temporal UI and without what is for the processes alone', async () => {
    const view = viewOf({ state: 'closed', outcome: 'resolved', closedAt: '2026-11-21T12:30:00.000Z' });
    api.temporal.add(ID, { running: false, view });
    const answer = await read(HANDOFF);
    const { replyTo: _, conversationClosed: __, ...shown } = view;
    expect([answer.status, answer.body]).toEqual([
      200,
      { ...shown, temporalUiUrl: 'http://ui.example/namespaces/default/workflows/handoff%3Amain%3Ac1' },
    ]);
  });

  test('that is over needs no worker', async () => {
    api.temporal.add(ID, { running: false, view: viewOf({ state: 'closed', outcome: 'resolved' }), seen: ['p:1'] });
    api.temporal.workerDown = grpcError(4);
    const { status, body } = await read(HANDOFF);
    expect([status, body.state, 'seen' in body]).toEqual([200, 'closed', false]);
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

  test.each([1, 4, 9])('says so when no worker answers (gRPC %s)', async (code) => {
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

describe('a handoff that Temporal ended', () => {
  test.each([
    ['failed', 3],
    ['terminated', 5],
    ['timed out', 7],
  ])('is failed, whatever it last said about itself: %s', async (_, status) => {
    api.temporal.add(ID, { running: false, status, view: viewOf({ state: 'waiting' }) });
    const { body } = await read(HANDOFF);
    expect(body).toMatchObject({ state: 'failed', closedAt: '2023-11-14T22:15:00.000Z', case: { id: '7' } });
    expect(body.detail).toContain('Temporal ended the workflow');
  });

  test('is shown even where its workflow can no longer be read', async () => {
    api.temporal.add(ID, { running: false, status: 5 });
    api.temporal.workerDown = grpcError(4);
    const { status, body } = await read(HANDOFF);
    expect([status, body.state, body.handoffId]).toEqual([200, 'failed', ID]);
    expect(body).not.toHaveProperty('pending');
  });
});

import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { registerSearchAttributes } from '../../worker/search-attributes';
import { freePort } from '../../sandbox/launch/ports';
import { testAddress } from '../support/temporal';
import { MANAGE_KEY, READ_KEY, startApi, WRITE_KEY, type RunningApi } from '../support/api-fakes';

/** The API with a real server and no worker: what it promises has to hold without one. */
let connection: Connection;
let client: Client;
let api: RunningApi;
const run = randomUUID().slice(0, 8);
const account = `account-${run}`;
const started: WorkflowHandle[] = [];

beforeAll(async () => {
  connection = await Connection.connect({ address: testAddress() });
  await registerSearchAttributes(connection, 'default');
  client = new Client({ connection });
  api = await startApi({ client, accounts: [account] });
});
afterAll(async () => {
  await Promise.all(started.map((handle) => handle.terminate().catch(() => 'ended already')));
  await api.stop();
  await connection.close();
});

const idOf = (conversationId: string) => `handoff:${account}:${conversationId}`;
const read = (path: string) => api.call('GET', path, { key: READ_KEY });
async function start(conversationId: string, headers?: Record<string, string>) {
  const answer = await api.call('POST', '/v1/handoffs', { body: { conversationId, account }, key: WRITE_KEY, headers });
  if (answer.body.status === 'accepted') started.push(client.workflow.getHandle(answer.body.handoffId as string));
  return answer;
}

test('registers the search attributes as often as anyone asks', async () => {
  await expect(registerSearchAttributes(connection, 'default')).resolves.toBeUndefined();
});

test('P9: has a handoff for good before any worker is there, and one per conversation', async () => {
  const first = await start('c/1 ü');
  expect([first.status, first.body]).toEqual([202, { handoffId: idOf('c/1 ü'), status: 'accepted' }]);
  const again = await start('c/1 ü', { prefer: 'wait=1' });
  expect([again.status, again.body]).toEqual([202, { handoffId: idOf('c/1 ü'), status: 'existing', state: 'opening' }]);
  const shown = await read(`/v1/handoffs/${encodeURIComponent(idOf('c/1 ü'))}`);
  expect([shown.status, shown.body.detail]).toEqual([503, expect.stringContaining('No worker')]);
});

test('P24: has every event of a webhook in Temporal when it answers 200, in order', async () => {
  await start('signals');
  const inbound = (id: string) => {
    const message = { id, at: '2026-11-21T12:00:00Z', content: { kind: 'text', text: id } };
    return { conversationId: 'signals', event: { type: 'inbound', message } };
  };
  const body = { events: [inbound('1'), inbound('2')] };
  expect((await api.call('POST', `/webhooks/${account}/platform`, { body })).status).toBe(200);
  const { events } = await client.workflow.getHandle(idOf('signals')).fetchHistory();
  const signals = events?.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads ?? []);
  const sent = signals?.map(({ data }) => JSON.parse(Buffer.from(data!).toString()) as unknown);
  expect(sent).toEqual([[inbound('1').event, inbound('2').event]]);
});

test('answers 404 for handoffs that do not run', async () => {
  const unknown = `/v1/handoffs/${encodeURIComponent(idOf('unknown'))}`;
  expect((await read(unknown)).status).toBe(404);
  expect((await api.call('POST', `${unknown}/close`, { key: MANAGE_KEY })).status).toBe(404);
  await start('ended');
  await client.workflow.getHandle(idOf('ended')).terminate();
  const ended = `/v1/handoffs/${encodeURIComponent(idOf('ended'))}`;
  expect((await read(ended)).body).toMatchObject({ state: 'failed', closedAt: expect.any(String) as string });
  expect((await api.call('POST', `${ended}/close`, { key: MANAGE_KEY })).status).toBe(404);
});

test('lists page after page what the store of a real server finds, and no more', async () => {
  for (const conversationId of ['p1', 'p2', 'p3']) await start(conversationId);
  const list = async (query: string) => {
    const { body } = await read(`/v1/handoffs?account=${account}&${query}`);
    return body as { items: { handoffId: string; state: string }[]; nextPageToken?: string };
  };
  const all = async () => (await list('state=opening&limit=200')).items.map(({ handoffId }) => handoffId);
  const wanted = ['p1', 'p2', 'p3'].map(idOf);
  const complete = (found: string[]) => wanted.every((id) => found.includes(id));
  // The store is a moment behind; should it never catch up, the test runs out of time.
  while (!complete(await all())) await delay(100);
  const pages: string[] = [];
  for (let token: string | undefined = ''; token !== undefined;) {
    const page = await list(`limit=2${token && `&pageToken=${token}`}`);
    pages.push(...page.items.map(({ handoffId }) => handoffId));
    token = page.nextPageToken;
  }
  expect(new Set(pages).size).toBe(pages.length);
  expect(pages).toEqual(expect.arrayContaining(wanted));
  expect((await list('state=failed')).items).toEqual([expect.objectContaining({ handoffId: idOf('ended') })]);
  const filters = 'outcome=resolved&contactCenter=support&closedAfter=2026-01-01T00:00:00Z&undelivered=true';
  expect((await list(filters)).items).toEqual([]);
  const none = 'startedAfter=2026-01-01T00:00:00Z&startedBefore=2026-01-02T00:00:00Z';
  expect((await list(none)).items).toEqual([]);
  expect((await list(`queue=${encodeURIComponent('it\'s \\ " OR 1=1')}`)).items).toEqual([]);
  expect((await read('/v1/handoffs?pageToken=bm9uc2Vuc2U')).status).toBe(400);
});

test('remembers which webhook asked for a handoff after it has ended', async () => {
  const requestsHandoff = { conversationId: 'asked', requestId: 'r1' };
  const receive = () => api.call('POST', `/webhooks/${account}/platform`, { body: { requestsHandoff } });
  const handle = client.workflow.getHandle(idOf('asked'));
  expect((await receive()).status).toBe(200);
  const { runId } = await handle.describe();
  await handle.terminate();
  expect((await receive()).status).toBe(200);
  expect((await handle.describe()).runId).toBe(runId);
});

test('answers 503 soon when no server is there', async () => {
  const nowhere = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
  const lonely = await startApi({ client: new Client({ connection: nowhere }) });
  const began = Date.now();
  const answers = await Promise.all([
    lonely.call('POST', '/v1/handoffs', { body: { conversationId: 'c1' }, key: WRITE_KEY }),
    lonely.call('GET', '/readyz'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  // The client would go on trying for half a minute.
  expect(Date.now() - began).toBeLessThan(20_000);
  await lonely.stop();
  await nowhere.close();
});

import { VendorError, WebhookError } from '../../../connectors/shared/errors';
import { CASE_KEY, grpcError, ID, metric, startApi, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.stop());

const at = '2026-11-21T12:00:00Z';
const closed = (id: string, caseKey = CASE_KEY) => ({ type: 'case-closed', id, at, caseKey });
const agentMessage = (id: string, text: string) => {
  const message = { id, at, agent: { name: 'Ana' }, content: { kind: 'text', text } };
  return { type: 'agent-message', caseKey: CASE_KEY, message };
};
const receive = (body: unknown) => api.call('POST', '/webhooks/main/support', { body });
const counted = (outcome: string) => metric(api, 'handoff_api_webhook_events_total', `"${outcome}"`);

test('events reach the handoff their case belongs to, each with the connection it came by', async () => {
  const handoff = api.temporal.add(ID);
  const answer = await receive({ events: [closed('1'), closed('2')] });
  expect([answer.status, answer.body]).toEqual([200, {}]);
  const marked = (id: string) => ({ ...closed(id), contactCenter: 'support' });
  expect(handoff.signals).toEqual([[marked('1'), marked('2')]]);
});

test('a contact center cannot name another connection than its own', async () => {
  const handoff = api.temporal.add(ID);
  await receive({ events: [{ ...closed('1'), contactCenter: 'sales' }] });
  expect(handoff.signals).toEqual([[{ ...closed('1'), contactCenter: 'support' }]]);
});

test.each([
  ["another account's case", 'handoff:other:c1#0123456789ab.1'],
  ['a key that is none of ours', 'ticket 7'],
  ['a conversation id that no handoff can have', 'handoff:main:..#0123456789ab.1'],
])('events of %s are ignored with 200 and counted', async (_, caseKey) => {
  const other = api.temporal.add('handoff:other:c1');
  expect((await receive({ events: [closed('1', caseKey)] })).status).toBe(200);
  expect(other.signals).toEqual([]);
  expect(await counted('foreign')).toBe(1);
});

test('many events and large ones go in several signals, in order, each within its limits', async () => {
  const handoff = api.temporal.add(ID);
  const events = Array.from({ length: 230 }, (_, i) => agentMessage(String(i), 'x'.repeat(i < 20 ? 30_000 : 10)));
  expect((await receive({ events })).status).toBe(200);
  expect(handoff.signals.length).toBeGreaterThan(3);
  for (const signal of handoff.signals) {
    expect(signal.length).toBeLessThanOrEqual(100);
    expect(Buffer.byteLength(JSON.stringify(signal))).toBeLessThanOrEqual(256 * 1024 + 1000);
  }
  const ids = (handoff.signals.flat() as ReturnType<typeof agentMessage>[]).map(({ message }) => message.id);
  expect(ids).toEqual(events.map(({ message }) => message.id));
});

test('a text over the limit arrives as its size, and a long id as its digest', async () => {
  const handoff = api.temporal.add(ID);
  await receive({ events: [agentMessage('i'.repeat(201), 'é'.repeat(40_000)), agentMessage('2', 'x'.repeat(65_536))] });
  const [first, second] = handoff.signals.flat() as ReturnType<typeof agentMessage>[];
  expect(first!.message.content).toEqual({ kind: 'omitted', bytes: 80_000 });
  expect(first!.message.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(second!.message.content.text).toHaveLength(65_536);
});

describe('an agent who acts after the end of a handoff', () => {
  const openCase = { ref: { id: '7' }, status: 'open' as const };
  let notes: unknown[][];
  beforeEach(() => {
    notes = [];
    api.vendors.contactCenter.findCase = () => Promise.resolve(openCase);
    api.vendors.contactCenter.note = (...args) => Promise.resolve(void notes.push(args));
    api.temporal.add(ID, { running: false, seen: ['c:seen'] });
  });

  test('gets a note on the case, for what the handoff had not seen before', async () => {
    await receive({ events: [agentMessage('seen', 'before the end')] });
    expect(notes).toEqual([]);
    await receive({ events: [agentMessage('late', 'after the end')] });
    expect(notes).toEqual([[{ id: '7' }, `${CASE_KEY}/late`, expect.stringContaining('has ended')]]);
    expect(await counted('late')).toBe(1);
  });

  test('does not have the webhook come again where the note fails', async () => {
    api.vendors.contactCenter.note = () => Promise.reject(new VendorError('unavailable', 'Fake: no answer'));
    expect((await receive({ events: [agentMessage('late', 'after the end')] })).status).toBe(200);
  });
});

test('a webhook that says no more than "something happened" has the feed polled at once', async () => {
  const watch = api.temporal.add('watch:main:support');
  expect((await receive({ pollNow: true })).status).toBe(200);
  expect(watch.signals).toEqual([['pollNow']]);
  watch.running = false;
  expect((await receive({ pollNow: true })).status).toBe(200);
});

test('answers 503 while Temporal is away and 401 to an invalid signature', async () => {
  api.temporal.down = grpcError(14);
  expect((await receive({ events: [closed('1')] })).status).toBe(503);
  const parse = () => Promise.reject(new WebhookError('unauthorized', 'invalid signature'));
  api.vendors.contactCenter.webhook = { parse };
  expect((await receive({})).status).toBe(401);
  expect(await counted('unauthorized')).toBe(1);
});

test('answers 404 where the contact center has no webhook', async () => {
  delete api.vendors.contactCenter.webhook;
  expect((await receive({})).status).toBe(404);
});

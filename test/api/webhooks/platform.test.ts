import { VendorError, WebhookError } from '../../../connectors/shared/errors';
import type { WebhookRequest } from '../../../connectors/shared/webhook-request';
import { MAX_CONVERSATION_ID_BYTES } from '../../../domain/ids';
import { grpcError, ID, metric, startApi, viewOf, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.stop());

const message = (id: string) => ({ id, at: '2026-11-21T12:00:00Z', content: { kind: 'text', text: 'hello' } });
const inbound = (id: string, conversationId = 'c1') => ({
  conversationId,
  event: { type: 'inbound', message: message(id) },
});
const receive = (body: unknown, path = '/webhooks/main/platform') => api.call('POST', path, { body });
const counted = (outcome: string) => metric(api, 'handoff_api_webhook_events_total', `"${outcome}"`);

describe("a platform's webhook", () => {
  test("delivers each handoff's events in order, in one signal, and answers 200", async () => {
    const [one, two] = [api.temporal.add(ID), api.temporal.add('handoff:main:c2')];
    const answer = await receive({ events: [inbound('1'), inbound('2', 'c2'), inbound('3')], ignored: ['echo'] });
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(one.signals).toEqual([[inbound('1').event, inbound('3').event]]);
    expect(two.signals).toEqual([[inbound('2').event]]);
    expect([await counted('delivered'), await counted('echo')]).toEqual([3, 1]);
  });

  test('answers 200 for events of no open handoff, and counts them', async () => {
    api.temporal.add(ID, { running: false });
    expect((await receive({ events: [inbound('1'), inbound('2', 'unknown')] })).status).toBe(200);
    expect(await counted('no-handoff')).toBe(2);
  });

  test.each(['.', '..', 'a\0b', 'a\ud800', 'x'.repeat(MAX_CONVERSATION_ID_BYTES + 1), ''])(
    'ignores events and requests of an invalid conversation id with 200: %j',
    async (conversationId) => {
      const requestsHandoff = { conversationId, requestId: 'r1' };
      expect((await receive({ events: [inbound('1', conversationId)], requestsHandoff })).status).toBe(200);
      expect(await counted('invalid-id')).toBe(2);
      expect(api.temporal.starts).toEqual([]);
    },
  );

  test('P24: answers 503 while Temporal cannot take the events, so that they come again', async () => {
    api.temporal.down = grpcError(14);
    const answer = await receive({ events: [inbound('1')] });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await counted('failed')).toBe(1);
  });

  test('answers 404 for an unknown account or connection', async () => {
    for (const path of ['/webhooks/other/platform', '/webhooks/main/other', '/webhooks/main/constructor']) {
      expect((await receive({}, path)).status).toBe(404);
    }
  });

  test('P35: answers 401 unless the URL contains the secret', async () => {
    api.vendors.platform.urlSecret = 'in-the-url';
    const handoff = api.temporal.add(ID);
    for (const path of ['/webhooks/main/platform', '/webhooks/main/platform/wrong']) {
      expect((await receive({ events: [inbound('1')] }, path)).status).toBe(401);
    }
    expect(handoff.signals).toEqual([]);
    expect(await counted('unauthorized')).toBe(2);
    expect((await receive({ events: [inbound('1')] }, '/webhooks/main/platform/in-the-url')).status).toBe(200);
    expect(handoff.signals).toHaveLength(1);
  });

  test.each([
    ['401 for an invalid signature', new WebhookError('unauthorized', 'invalid signature'), 401],
    ['400 for a malformed body', new WebhookError('malformed', 'no JSON'), 400],
    ['503 when the vendor does not answer', new VendorError('unavailable', 'Fake: read answered 503'), 503],
  ])('answers %s', async (_, error, status) => {
    api.vendors.platform.parseWebhook = () => Promise.reject(error);
    expect((await receive({})).status).toBe(status);
  });

  test("passes on a vendor's Retry-After", async () => {
    const error = new VendorError('rate-limited', 'Fake: read answered 429', { retryAfterMs: 30_500 });
    api.vendors.platform.parseWebhook = () => Promise.reject(error);
    expect((await receive({})).headers.get('retry-after')).toBe('31');
  });

  test('gives the connector the very bytes, of any type, up to 1 MiB', async () => {
    let seen: Buffer | undefined;
    api.vendors.platform.parseWebhook = ({ rawBody }) => {
      seen = rawBody;
      return Promise.resolve({ events: [], presence: [], ignored: [] });
    };
    await api.call('POST', '/webhooks/main/platform', { body: ' {"a" : 1}\n', headers: { 'content-type': 'x/y' } });
    expect(seen?.toString()).toBe(' {"a" : 1}\n');
    expect((await receive('x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });

  test('answers with the text the platform expects', async () => {
    const answer = await receive({ replyText: 'handshake' });
    expect([answer.text, answer.headers.get('content-type')]).toEqual(['handshake', 'text/plain; charset=utf-8']);
  });
});

describe('an end user who asks for an agent', () => {
  const request = (requestId: string) => ({
    requestsHandoff: { conversationId: 'c1', requestId, customer: { name: 'Ana' } },
  });
  const end = () => void (api.temporal.handoffs.get(ID)!.running = false);

  test('gets a handoff, and the events of the same webhook follow into it', async () => {
    expect((await receive({ ...request('r1'), events: [inbound('1')] })).status).toBe(200);
    expect(api.temporal.starts[0]!.args[0].call).toEqual({ customer: { name: 'Ana' } });
    expect(api.temporal.handoffs.get(ID)!.signals).toHaveLength(1);
    expect(await counted('handoff-requested')).toBe(1);
  });

  test('gets one handoff for each request, however often its webhook comes, also after the end', async () => {
    await receive(request('r1'));
    await receive(request('r1'));
    end();
    await receive(request('r1'));
    expect(api.temporal.starts).toHaveLength(1);
    expect(await counted('handoff-existing')).toBe(2);
    await receive(request('r2'));
    end();
    for (const old of ['r1', 'r2']) await receive(request(old));
    expect(api.temporal.starts).toHaveLength(2);
    await receive(request('r3'));
    expect(api.temporal.starts).toHaveLength(3);
  });

  test('while a handoff is closing gets the next one, known by the id of the request', async () => {
    const handoff = api.temporal.add(ID, { view: viewOf({ state: 'closing', outcome: 'resolved' }) });
    await receive(request('r1'));
    expect(handoff.signals).toEqual([[expect.objectContaining({ type: 'handoff-requested', id: 'r1' })]]);
    expect(await counted('handoff-requested')).toBe(1);
  });
});

describe('a webhook that bot and agents share', () => {
  let forwarded: WebhookRequest[];
  beforeEach(() => {
    forwarded = [];
    api.vendors.platform.bot = { forward: (request) => Promise.resolve(void forwarded.push(request)) };
  });

  test('goes to the bot as it came while no handoff runs', async () => {
    const body = '{ "events": [], "about" : "c1" }';
    const headers = { 'x-goog-signature': 'abc=' };
    expect((await api.call('POST', '/webhooks/main/platform', { body, headers })).status).toBe(200);
    expect(forwarded[0]!.rawBody.toString()).toBe(body);
    expect(forwarded[0]!.headers).toMatchObject(headers);
    await receive({ events: [inbound('1')] });
    expect(forwarded).toHaveLength(2);
    expect(await counted('to-bot')).toBe(2);
  });

  test('does not reach the bot inside a handoff, messages or not', async () => {
    api.temporal.add(ID);
    await receive({ events: [inbound('1')] });
    await receive({ about: 'c1', ignored: ['receipt'] });
    expect(forwarded).toEqual([]);
  });

  test('does not reach the bot when it asks for an agent, or is a handshake', async () => {
    await receive({ requestsHandoff: { conversationId: 'c2', requestId: 'r' }, about: 'c2' });
    await receive({ replyText: 'handshake' });
    expect(forwarded).toEqual([]);
  });

  // A handoff that is closed runs on until its watches are notified.
  test.each(['closing', 'closed'] as const)(
    'reaches both while a handoff is %s and the bot has it back',
    async (state) => {
      const handoff = api.temporal.add(ID, { view: viewOf({ state, conversationClosed: true }) });
      await receive({ events: [inbound('1')] });
      await receive({ about: 'c1', ignored: ['receipt'] });
      expect([handoff.signals.length, forwarded.length]).toEqual([1, 2]);
    },
  );

  test('is kept from the bot while a handoff is closing and the conversation is not back yet', async () => {
    const handoff = api.temporal.add(ID, { view: viewOf({ state: 'closing' }) });
    await receive({ events: [inbound('1')] });
    expect([handoff.signals.length, forwarded.length]).toEqual([1, 0]);
  });

  test('is left to the platform, with 503, when the bot does not take it', async () => {
    const refuse = () => Promise.reject(new VendorError('unavailable', 'Bot: forward answered 500'));
    api.vendors.platform.bot = { forward: refuse };
    const answer = await receive({ about: 'c1' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });
});

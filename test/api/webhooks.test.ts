import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VendorError, WebhookError } from '../../connectors/shared/errors';
import { CASE_KEY, grpcError, ID, startApi, viewOf, type RunningApi } from './fakes';

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
const closed = (id: string, caseKey = CASE_KEY) => ({ type: 'case-closed', id, at: '2026-11-21T12:00:00Z', caseKey });
const fromPlatform = (body: unknown, path = '/webhooks/main/platform') => api.call('POST', path, { body });
const fromContactCenter = (body: unknown) => api.call('POST', '/webhooks/main/support', { body });
const counted = async (outcome: string) => {
  const { text } = await api.call('GET', '/metrics');
  const line = text
    .split('\n')
    .find((l) => l.startsWith('handoff_api_webhook_events_total') && l.includes(`"${outcome}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
};
const until = async (holds: () => boolean) => {
  for (let i = 0; i < 100 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
};

describe("a platform's webhook", () => {
  test("hands each handoff's events over in order, in one signal, and answers 200", async () => {
    const [one, two] = [api.temporal.add(ID), api.temporal.add('handoff:main:c2')];
    const answer = await fromPlatform({ events: [inbound('1'), inbound('2', 'c2'), inbound('3')], ignored: ['echo'] });
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(one.signals).toEqual([[inbound('1').event, inbound('3').event]]);
    expect(two.signals).toEqual([[inbound('2').event]]);
    expect([await counted('delivered'), await counted('echo')]).toEqual([3, 1]);
  });

  test('answers 200 for events of no open handoff, and counts them', async () => {
    api.temporal.add(ID, { running: false });
    expect((await fromPlatform({ events: [inbound('1'), inbound('2', 'unknown')] })).status).toBe(200);
    expect(await counted('no-handoff')).toBe(2);
  });

  test('answers 503 while Temporal cannot take the events, so that they come again', async () => {
    api.temporal.down = grpcError(14);
    const answer = await fromPlatform({ events: [inbound('1')] });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await counted('failed')).toBe(1);
  });

  test('answers 404 for an unknown account or connection', async () => {
    for (const path of ['/webhooks/other/platform', '/webhooks/main/other', '/webhooks/main/constructor']) {
      expect((await fromPlatform({}, path)).status).toBe(404);
    }
  });

  test('answers 401 unless the address holds the secret', async () => {
    Object.assign(api.vendors.platform, { urlSecret: 'in-the-url' });
    const handoff = api.temporal.add(ID);
    for (const path of ['/webhooks/main/platform', '/webhooks/main/platform/wrong']) {
      expect((await fromPlatform({ events: [inbound('1')] }, path)).status).toBe(401);
    }
    expect(handoff.signals).toEqual([]);
    expect(await counted('unauthorized')).toBe(2);
    expect((await fromPlatform({ events: [inbound('1')] }, '/webhooks/main/platform/in-the-url')).status).toBe(200);
    expect(handoff.signals).toHaveLength(1);
  });

  test.each([
    ['401 for a signature that does not hold', new WebhookError('unauthorized', 'bad signature'), 401],
    ['400 for what nobody can read', new WebhookError('malformed', 'no JSON'), 400],
    ['503 when the vendor cannot be asked', new VendorError('unavailable', 'Fake: read answered 503'), 503],
  ])('answers %s', async (_, error, status) => {
    api.vendors.platform.parseWebhook = () => Promise.reject(error);
    expect((await fromPlatform({})).status).toBe(status);
  });

  test("passes a vendor's wish to wait on", async () => {
    const error = new VendorError('rate-limited', 'Fake: read answered 429', { retryAfterMs: 30_500 });
    api.vendors.platform.parseWebhook = () => Promise.reject(error);
    expect((await fromPlatform({})).headers.get('retry-after')).toBe('31');
  });

  test('gives the connector the very bytes, of any type, up to 1 MB', async () => {
    let seen: Buffer | undefined;
    api.vendors.platform.parseWebhook = ({ rawBody }) => {
      seen = rawBody;
      return Promise.resolve({ events: [], presence: [], ignored: [] });
    };
    await api.call('POST', '/webhooks/main/platform', { body: ' {"a" : 1}\n', headers: { 'content-type': 'x/y' } });
    expect(seen?.toString()).toBe(' {"a" : 1}\n');
    expect((await fromPlatform('x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });

  test('answers with the text the platform wants to read', async () => {
    const answer = await fromPlatform({ replyText: 'handshake' });
    expect([answer.text, answer.headers.get('content-type')]).toEqual(['handshake', 'text/plain; charset=utf-8']);
  });

  test('starts a handoff when the end user asks for an agent, and the events follow into it', async () => {
    const requestsHandoff = { conversationId: 'c1', customer: { name: 'Ana' } };
    expect((await fromPlatform({ requestsHandoff, events: [inbound('1')] })).status).toBe(200);
    expect(api.temporal.starts[0]!.args[0].call).toEqual({ customer: { name: 'Ana' } });
    expect(api.temporal.handoffs.get(ID)!.signals).toHaveLength(1);
  });
});

describe('a webhook that bot and agents share', () => {
  let bot: Server;
  let received: { body: string; headers: Record<string, unknown> }[];
  let statuses: number[];
  beforeEach(async () => {
    received = [];
    statuses = [];
    bot = createServer((req, res) => {
      let body = '';
      req.on('data', (chunk: Buffer) => (body += chunk.toString()));
      req.on('end', () => {
        received.push({ body, headers: req.headers });
        res.writeHead(statuses.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
    Object.assign(api.vendors.platform, { botUrl: `http://127.0.0.1:${(bot.address() as AddressInfo).port}/bot` });
  });
  afterEach(() => new Promise((resolve) => bot.close(resolve)));

  test('goes to the bot, as it came and with its signature, while no handoff runs', async () => {
    const body = '{ "events": [], "about" : "c1" }';
    const headers = { 'x-goog-signature': 'abc=', authorization: 'Bearer x', 'x-forwarded-for': '10.0.0.1' };
    expect((await api.call('POST', '/webhooks/main/platform', { body, headers })).status).toBe(200);
    expect(received).toHaveLength(1);
    expect(received[0]!.body).toBe(body);
    expect(received[0]!.headers).toMatchObject({ 'x-goog-signature': 'abc=', 'content-type': 'application/json' });
    expect(received[0]!.headers).not.toHaveProperty('authorization');
    expect(received[0]!.headers).not.toHaveProperty('x-forwarded-for');
    await fromPlatform({ events: [inbound('1')] });
    expect(received).toHaveLength(2);
  });

  test('does not reach the bot inside a handoff, messages or not', async () => {
    api.temporal.add(ID);
    await fromPlatform({ events: [inbound('1')] });
    await fromPlatform({ about: 'c1', ignored: ['receipt'] });
    expect(received).toEqual([]);
  });

  test('does not reach the bot when it asks for an agent, or is a handshake', async () => {
    await fromPlatform({ requestsHandoff: { conversationId: 'c2' }, about: 'c2' });
    await fromPlatform({ replyText: 'handshake' });
    expect(received).toEqual([]);
  });

  test('is tried again at once, and left to the platform when the bot stays away', async () => {
    statuses = [500, 502];
    expect((await fromPlatform({ about: 'c1' })).status).toBe(200);
    expect(received).toHaveLength(3);
    statuses = [500, 500, 500];
    const answer = await fromPlatform({ about: 'c1' });
    expect([answer.status, received.length]).toEqual([503, 6]);
    expect(answer.headers.get('retry-after')).toBe('5');
  });
});

describe("a contact center's webhook", () => {
  test('reaches the handoff its case belongs to', async () => {
    const handoff = api.temporal.add(ID);
    const answer = await fromContactCenter({ events: [closed('1'), closed('2')] });
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(handoff.signals).toEqual([[closed('1'), closed('2')]]);
  });

  test("leaves alone what is another account's, or none of ours", async () => {
    const other = api.temporal.add('handoff:other:c1');
    await fromContactCenter({ events: [closed('1', 'handoff:other:c1#0123456789ab'), closed('2', 'ticket 7')] });
    expect(other.signals).toEqual([]);
    expect(await counted('foreign')).toBe(2);
  });

  test('answers 503 while Temporal is away and 401 to a bad signature', async () => {
    api.temporal.down = grpcError(14);
    expect((await fromContactCenter({ events: [closed('1')] })).status).toBe(503);
    api.vendors.contactCenter.parseWebhook = () => Promise.reject(new WebhookError('unauthorized', 'bad signature'));
    expect((await fromContactCenter({})).status).toBe(401);
  });

  test('answers 404 where the contact center has no webhooks', async () => {
    delete api.vendors.contactCenter.parseWebhook;
    expect((await fromContactCenter({})).status).toBe(404);
  });
});

describe('signs of typing and reading', () => {
  let shown: unknown[][];
  beforeEach(() => {
    shown = [];
    const show = (...told: unknown[]) => (shown.push(told), Promise.resolve());
    api.vendors.platform.showPresence = show;
    api.vendors.contactCenter.showPresence = show;
  });
  const endUserTypes = { presence: [{ conversationId: 'c1', presence: { type: 'typing' } }] };
  const agentTypes = { presence: [{ caseKey: CASE_KEY, agent: { name: 'Bo' }, type: 'typing' }] };

  test('are shown to the other side, once in a while', async () => {
    api.temporal.add(ID, { view: viewOf({ agent: { name: 'Bo' } }) });
    await fromPlatform(endUserTypes);
    await fromPlatform(endUserTypes);
    await fromContactCenter(agentTypes);
    await until(() => shown.length === 2);
    expect(shown).toEqual([
      [{ id: '7' }, { type: 'typing' }],
      ['c1', agentTypes.presence[0], { to: 'end-user-address' }],
    ]);
  });

  test.each([{ state: 'waiting' as const }, { pending: 1 }])('are not shown while it is %j', async (patch) => {
    let asked = false;
    const handoff = api.temporal.add(ID);
    Object.defineProperty(handoff, 'view', { get: () => ((asked = true), viewOf(patch)) });
    await fromPlatform(endUserTypes);
    await until(() => asked);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(shown).toEqual([]);
  });

  test.each([undefined, { name: 'Ana' }])(
    'of an agent are not shown while the end user sees %j speak',
    async (agent) => {
      let asked = false;
      const handoff = api.temporal.add(ID);
      Object.defineProperty(handoff, 'view', { get: () => ((asked = true), viewOf({ agent })) });
      await fromContactCenter(agentTypes);
      await until(() => asked);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(shown).toEqual([]);
    },
  );

  test('cost nobody anything when they cannot be shown', async () => {
    api.temporal.add(ID);
    api.vendors.contactCenter.showPresence = () => Promise.reject(new VendorError('unavailable', 'away'));
    expect((await fromPlatform(endUserTypes)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await api.call('GET', '/metrics')).text).toContain('handoff_api_presence_failures_total{account="main"} 1');
  });
});

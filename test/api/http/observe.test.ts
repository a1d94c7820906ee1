import { pino } from 'pino';
import { VendorError } from '../../../connectors/shared/errors';
import { CASE_KEY, grpcError, ID, startApi, WRITE_KEY, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
let lines: Record<string, unknown>[];
let written: string[];
beforeEach(async () => {
  lines = [];
  written = [];
  const options = { level: 'debug', formatters: { level: (label: string) => ({ level: label }) } };
  const write = (line: string) => {
    written.push(line);
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  const logger = pino(options, { write });
  api = await startApi({ logger });
});
afterEach(() => api.stop());

const requests = () => lines.filter(({ msg }) => String(msg).startsWith('request'));

test('every answer carries the request id it came with, or one of its own where that is no id', async () => {
  const id = async (given: string) => {
    const answer = await api.call('GET', '/healthz', { headers: { 'x-request-id': given } });
    return answer.headers.get('x-request-id');
  };
  expect(await id('abc-1')).toBe('abc-1');
  expect(await id('{"evil": 1}')).toMatch(/^[0-9a-f-]{36}$/);
});

test('a request that belongs to a trace has its id', async () => {
  const id = async (headers: Record<string, string>) =>
    (await api.call('GET', '/healthz', { headers })).headers.get('x-request-id');
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
  expect(await id({ traceparent })).toBe(trace);
  expect(await id({ traceparent, 'x-request-id': 'abc-1' })).toBe('abc-1');
  expect(await id({ traceparent: 'nonsense' })).toMatch(/^[0-9a-f-]{36}$/);
});

test('every answer names no framework and forbids sniffing, framing and caching', async () => {
  const { headers } = await api.call('GET', '/v1/handoffs/secret-id');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  expect(headers.get('cache-control')).toBe('no-store');
});

test('requests are counted by route template, never by URL', async () => {
  await api.call('GET', '/v1/handoffs/secret-id');
  const { text } = await api.call('GET', '/metrics');
  expect(text).toContain('route="/v1/handoffs/:id",status="401"');
  expect(text).not.toContain('secret-id');
});

test('a request leaves one line with request id, caller, account, connection and handoff', async () => {
  api.temporal.add(ID);
  const event = { type: 'case-closed', id: '1', at: '2026-11-21T12:00:00Z', caseKey: CASE_KEY };
  await api.call('POST', '/v1/handoffs', { body: { conversationId: 'c1' }, key: WRITE_KEY });
  await api.call('POST', '/webhooks/main/support', { body: { events: [event] }, headers: { 'x-request-id': 'r-1' } });
  expect(requests()).toEqual([
    expect.objectContaining({
      level: 'info',
      method: 'POST',
      route: '/v1/handoffs',
      status: 202,
      caller: 'bot',
      account: 'main',
      handoffId: ID,
    }),
    expect.objectContaining({
      requestId: 'r-1',
      route: '/webhooks/:account/:contactCenter',
      account: 'main',
      connection: 'support',
      handoffId: ID,
      events: ['case-closed'],
      outcomes: { delivered: 1 },
    }),
  ]);
});

test('probes and refused overload are not logged at info', async () => {
  await api.call('GET', '/healthz');
  await api.call('GET', '/metrics');
  expect(requests().map(({ level }) => level)).toEqual(['debug', 'debug']);
});

test('P38: the log says why a dependency failed, under the request id, and holds no texts, secrets or URLs', async () => {
  api.vendors.platform.urlSecret = 'URL-SECRET';
  const path = '/webhooks/main/platform/URL-SECRET';
  await api.call('POST', path, { body: { about: 'c1', note: 'TEXT' } });
  const body = { conversationId: 'c1', summary: 'TEXT', customer: { name: 'PERSON' } };
  await api.call('POST', '/v1/handoffs', { body, key: WRITE_KEY });
  api.temporal.down = grpcError(14);
  await api.call('POST', '/v1/handoffs', { body, key: WRITE_KEY, headers: { 'x-request-id': 'r-2' } });
  await api.call('POST', '/v1/handoffs', { body: '{"TEXT', key: WRITE_KEY });
  api.vendors.platform.parseWebhook = () => Promise.reject(new VendorError('unavailable', 'Fake: read answered 503'));
  await api.call('POST', path, { body: {} });
  await api.call('GET', '/nowhere/URL-SECRET?key=URL-SECRET');
  const failures = requests().filter(({ level }) => level === 'warn');
  expect(failures).toEqual([
    expect.objectContaining({ requestId: 'r-2', reason: 'Temporal cannot be reached.', cause: 'because' }),
    expect.objectContaining({ account: 'main', connection: 'platform', cause: 'Fake: read answered 503' }),
  ]);
  const all = written.join('');
  expect(all).toContain('"route":"/webhooks/:account/platform{/:secret}"');
  for (const secret of ['URL-SECRET', WRITE_KEY, 'TEXT', 'PERSON']) expect(all).not.toContain(secret);
});

test('a bug is logged as an error with its stack, in the line of the request that met it', async () => {
  api.vendors.contactCenter.webhook = { parse: () => Promise.reject(new TypeError('oops')) };
  await api.call('POST', '/webhooks/main/support', { body: {} });
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'error',
      connection: 'support',
      cause: 'oops',
      stack: expect.stringContaining('observe.test'),
    }),
  ]);
});

test('no line names a field twice', async () => {
  await api.call('GET', '/v1/handoffs');
  await api.call('POST', '/v1/handoffs', { body: { conversationId: 'c1' }, key: WRITE_KEY });
  expect(written).toHaveLength(2);
  for (const line of written) {
    const names = [...line.matchAll(/"(\w+)":/g)].map(([, name]) => name);
    expect(names).toEqual([...new Set(names)]);
  }
});

describe('the line of a webhook', () => {
  const at = '2026-11-21T12:00:00Z';
  const inbound = (conversationId: string, id: string) => ({
    conversationId,
    event: { type: 'inbound', message: { id, at, content: { kind: 'text', text: 'TEXT' } } },
  });
  const webhook = (...events: object[]) => api.call('POST', '/webhooks/main/platform', { body: { events } });

  test('names the messages it brings, by which the log of the worker is found', async () => {
    api.temporal.add(ID);
    await webhook(inbound('c1', 'm-1'), inbound('c1', 'm-2'));
    expect(requests()).toEqual([
      expect.objectContaining({
        level: 'info',
        handoffId: ID,
        events: ['inbound'],
        messageIds: ['m-1', 'm-2'],
        outcomes: { delivered: 2 },
      }),
    ]);
  });

  test('names all handoffs where there are several', async () => {
    api.temporal.add(ID);
    api.temporal.add('handoff:main:c2');
    await webhook(inbound('c1', 'm-1'), inbound('c2', 'm-2'));
    expect(requests()).toEqual([expect.objectContaining({ handoffIds: [ID, 'handoff:main:c2'] })]);
  });

  test('names the messages also where Temporal cannot be reached', async () => {
    api.temporal.down = grpcError(14);
    await webhook(inbound('c1', 'm-1'));
    expect(requests()).toEqual([
      expect.objectContaining({ level: 'warn', status: 503, handoffId: ID, messageIds: ['m-1'] }),
    ]);
  });

  test('is there at info where a handoff is concerned, and not for what passes between end users and the bot', async () => {
    await webhook(inbound('c1', 'm-1'));
    await api.call('POST', '/webhooks/main/platform', { body: { ignored: ['echo'] } });
    await api.call('POST', '/webhooks/main/platform', { body: { ignored: ['unverified'] } });
    expect(requests().map(({ level }) => level)).toEqual(['debug', 'debug', 'info']);
  });
});

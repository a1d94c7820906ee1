import { pino } from 'pino';
import { VendorError } from '../../../connectors/shared/errors';
import { CASE_KEY, grpcError, ID, startApi, WRITE_KEY, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
let lines: Record<string, unknown>[];
beforeEach(async () => {
  lines = [];
  const options = { level: 'debug', formatters: { level: (label: string) => ({ level: label }) } };
  const logger = pino(options, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  api = await startApi({ logger });
});
afterEach(() => api.stop());

const requests = () => lines.filter(({ msg }) => msg === 'request');

test('every answer carries the request id it came with, or one of its own where that is no id', async () => {
  const id = async (given: string) => {
    const answer = await api.call('GET', '/healthz', { headers: { 'x-request-id': given } });
    return answer.headers.get('x-request-id');
  };
  expect(await id('abc-1')).toBe('abc-1');
  expect(await id('{"evil": 1}')).toMatch(/^[0-9a-f-]{36}$/);
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
      handoffId: [ID],
    }),
  ]);
});

test('probes and refused overload are not logged at info', async () => {
  await api.call('GET', '/healthz');
  await api.call('GET', '/metrics');
  expect(requests().map(({ level }) => level)).toEqual(['debug', 'debug']);
});

test('the log says why a dependency failed, under the request id, and holds no texts, secrets or URLs', async () => {
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
  const failures = lines.filter(({ level }) => level === 'error');
  expect(failures).toEqual([
    expect.objectContaining({ requestId: 'r-2', why: 'because', msg: 'Temporal cannot be reached.' }),
    expect.objectContaining({ why: 'Fake: read answered 503' }),
  ]);
  const written = JSON.stringify(lines);
  expect(written).toContain('"route":"/webhooks/:account/platform{/:secret}"');
  for (const secret of ['URL-SECRET', WRITE_KEY, 'TEXT', 'PERSON']) expect(written).not.toContain(secret);
});

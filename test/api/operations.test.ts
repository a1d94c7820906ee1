import { pino } from 'pino';
import { mediaKey, mediaUrl } from '../../accounts/file-links';
import { VendorError } from '../../connectors/shared/errors';
import { temporalConnectionOptions } from '../../settings/temporal';
import { registerSearchAttributes } from '../../worker/search-attributes';
import { grpcError, ID, PLATFORM_SETTINGS, startApi, WRITE_KEY, type RunningApi } from './fakes';

let api: RunningApi;
let now = Date.parse('2026-11-21T12:00:00Z');
beforeEach(async () => {
  now = Date.parse('2026-11-21T12:00:00Z');
  api = await startApi({ now: () => now });
});
afterEach(() => api.stop());

describe('health', () => {
  test('lives without Temporal, and is ready with it alone', async () => {
    api.temporal.add(ID);
    expect((await api.call('GET', '/readyz')).status).toBe(200);
    api.temporal.down = grpcError(14);
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    const answer = await api.call('GET', '/readyz');
    expect([answer.status, answer.body.detail]).toEqual([503, 'Temporal cannot be reached.']);
  });
});

describe('every answer', () => {
  test('carries the request id it came with, or one of its own where that is no id', async () => {
    const id = async (given: string) => {
      const answer = await api.call('GET', '/healthz', { headers: { 'x-request-id': given } });
      return answer.headers.get('x-request-id');
    };
    expect(await id('abc-1')).toBe('abc-1');
    expect(await id('{"evil": 1}')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('names no framework, forbids sniffing, and is counted by route template', async () => {
    const { headers } = await api.call('GET', '/v1/handoffs/secret-id');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const { text } = await api.call('GET', '/metrics');
    expect(text).toContain('route="/v1/handoffs/:id",status="401"');
    expect(text).not.toContain('secret-id');
  });
});

describe('the description', () => {
  test('holds every route, made of the schemas that check', async () => {
    const { body } = await api.call('GET', '/openapi.json');
    expect(Object.keys(body.paths as object).sort()).toEqual([
      '/healthz',
      '/media/{token}',
      '/metrics',
      '/readyz',
      '/v1/handoffs',
      '/v1/handoffs/{id}',
      '/v1/handoffs/{id}/close',
      '/v1/handoffs/{id}/messages/{messageId}/retry',
      '/webhooks/{account}/platform/{secret}',
      '/webhooks/{account}/{contactCenter}',
    ]);
    const { HandoffRequest, Handoff } = body.components.schemas;
    expect(HandoffRequest.required).toEqual(['conversationId']);
    expect(HandoffRequest.properties.history.maxItems).toBe(1000);
    expect(Handoff.properties).not.toHaveProperty('replyTo');
  });

  test('is shown by a page that asks no other host', async () => {
    const { status, text } = await api.call('GET', '/docs');
    expect(status).toBe(200);
    const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect([link, (await api.call('GET', link)).status]).toEqual([link, 200]);
  });
});

describe("links to agents' files", () => {
  const key = mediaKey({ platform: PLATFORM_SETTINGS });
  const claims = { account: 'main', contactCenter: 'support', file: 'attachment 7', name: 'bill "a".html' };
  const pathOf = async (patch: Partial<typeof claims> = {}, signedWith = key) =>
    new URL(await mediaUrl('https://x.example/', signedWith, { ...claims, ...patch }, now)).pathname;

  beforeEach(() => {
    api.vendors.contactCenter.download = (file) =>
      file === claims.file
        ? Promise.resolve({ name: 'bill.html', mimeType: 'text/html', bytes: Buffer.from('<b>7</b>') })
        : Promise.reject(new VendorError('not-found', 'Fake: download answered 404'));
  });

  test("bring the file's bytes, never for a browser to render", async () => {
    const { status, text, headers } = await api.call('GET', await pathOf());
    expect([status, text]).toEqual([200, '<b>7</b>']);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="bill \\"a\\".html"/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('end after a week', async () => {
    const path = await pathOf();
    now += 7 * 24 * 3600 * 1000 - 2000;
    expect((await api.call('GET', path)).status).toBe(200);
    now += 4000;
    expect((await api.call('GET', path)).status).toBe(404);
  });

  test('are worth nothing when forged, or for another account, connection or file', async () => {
    const guess = { ...PLATFORM_SETTINGS, apiKey: 'guess' };
    const forged = mediaKey({ platform: guess });
    const paths = [
      await pathOf({}, forged),
      await pathOf({ account: 'other' }),
      await pathOf({ contactCenter: 'other' }),
      await pathOf({ file: 'gone' }),
      `${await pathOf()}x`,
      '/media/x.y.z',
    ];
    for (const path of paths) expect((await api.call('GET', path)).status).toBe(404);
  });

  test('answer 503 while the contact center is away', async () => {
    api.vendors.contactCenter.download = () => Promise.reject(new VendorError('unavailable', 'Fake: no answer'));
    expect((await api.call('GET', await pathOf())).status).toBe(503);
  });
});

describe('where Temporal is', () => {
  const settings = { address: 'file:1', namespace: 'from-file', taskQueue: 'handoff' };

  test('is what the settings say, unless the TEMPORAL variables say otherwise', () => {
    expect(temporalConnectionOptions(settings, {})).toMatchObject({ address: 'file:1', namespace: 'from-file' });
    const env = { TEMPORAL_ADDRESS: 'env:2', TEMPORAL_API_KEY: 'key', TEMPORAL_GRPC_META_X_TEAM: 'chat' };
    expect(temporalConnectionOptions(settings, env)).toMatchObject({
      address: 'env:2',
      namespace: 'from-file',
      apiKey: 'key',
      tls: true,
      metadata: { 'x-team': 'chat' },
    });
  });

  test('gets the search attributes it lacks, or names the command for those who may', async () => {
    const added: unknown[] = [];
    const operatorService = {
      listSearchAttributes: () => Promise.resolve({ customAttributes: { HandoffAccount: 2, HandoffState: 2 } }),
      addSearchAttributes: (request: unknown) => Promise.resolve(void added.push(request)),
    };
    const connection = { operatorService } as unknown as Parameters<typeof registerSearchAttributes>[0];
    await registerSearchAttributes(connection, 'n1');
    expect(added).toEqual([
      { namespace: 'n1', searchAttributes: { HandoffQueue: 2, HandoffCase: 2, HandoffUndelivered: 3 } },
    ]);
    operatorService.addSearchAttributes = () => Promise.reject(new Error('7 PERMISSION_DENIED'));
    await expect(registerSearchAttributes(connection, 'n1')).rejects.toThrow(
      'Run: temporal operator search-attribute create --namespace n1 --name HandoffAccount --type Keyword',
    );
  });
});

test('logs routes and callers, but neither texts nor secrets nor the ids of conversations', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const loud = await startApi({ logger });
  Object.assign(loud.vendors.platform, { urlSecret: 'URL-SECRET' });
  await loud.call('POST', '/webhooks/main/platform/URL-SECRET', { body: { about: 'CONVERSATION' } });
  const body = { conversationId: 'CONVERSATION', summary: 'TEXT' };
  await loud.call('POST', '/v1/handoffs', { body, key: WRITE_KEY });
  loud.temporal.down = grpcError(14);
  await loud.call('POST', '/v1/handoffs', { body, key: WRITE_KEY });
  await loud.call('POST', '/v1/handoffs', { body: '{"TEXT', key: WRITE_KEY });
  await loud.stop();
  const written = lines.join('');
  expect(written).toContain('"route":"/webhooks/:account/platform{/:secret}"');
  expect(written).toContain('"caller":"bot"');
  expect(written).toContain('Temporal cannot be reached.');
  for (const secret of ['URL-SECRET', WRITE_KEY, 'TEXT', 'CONVERSATION']) expect(written).not.toContain(secret);
});

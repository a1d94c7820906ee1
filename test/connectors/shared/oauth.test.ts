import express from 'express';
import { withCallContext } from '../../../connectors/shared/call-context';
import type { VendorError } from '../../../connectors/shared/errors';
import { createHttp } from '../../../connectors/shared/http';
import { createTokenSource, withTokens, type TokenSource } from '../../../connectors/shared/oauth';
import { listen, type Running } from '../business-messages/setup';

const CLIENT = { grant_type: 'client_credentials', client_id: 'handoff', client_secret: 'hunter2-hunter2' };

let issuer: Running;
let now: number;
let asked: Record<string, string>[];
let answer: (res: express.Response) => unknown;
let tokens: TokenSource;

beforeEach(async () => {
  [asked, now] = [[], 1_000_000];
  answer = (res) => res.json({ access_token: `token-${asked.length}`, expires_in: 3600 });
  const app = express();
  app.post('/token', express.urlencoded({ extended: false }), (req, res) => {
    asked.push(req.body as Record<string, string>);
    answer(res);
  });
  app.get('/api', (req, res) => {
    const accepted = req.get('authorization') === `Bearer token-${asked.length}` && asked.length > 1;
    res.status(accepted ? 200 : 401).json({ token: req.get('authorization'), kept: req.get('x-kept') });
  });
  issuer = await listen(app);
  const request = { issuer: 'The issuer', tokenUrl: `${issuer.url}/token`, form: () => CLIENT };
  tokens = createTokenSource(request, () => now);
});
afterEach(() => issuer.close());

const failure = async () => (await tokens.get().catch((error: unknown) => error)) as VendorError;

test('callers at the same time share one request, and later ones its token', async () => {
  expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['token-1', 'token-1']);
  expect(await tokens.get()).toBe('token-1');
  expect(asked).toEqual([CLIENT]);
});

test('a token is replaced before it expires', async () => {
  await tokens.get();
  now += 3_539_000;
  expect(await tokens.get()).toBe('token-1');
  now += 2_000;
  expect(await tokens.get()).toBe('token-2');
});

test('a refused token is renewed once, however many calls it was refused to', async () => {
  const token = await tokens.get();
  expect(await Promise.all([tokens.renew(token), tokens.renew(token)])).toEqual(['token-2', 'token-2']);
  expect(await tokens.renew(token)).toBe('token-2');
});

test('a failed request for a token does not stand in the way of the next', async () => {
  answer = (res) => res.status(503).end();
  expect(await failure()).toMatchObject({ kind: 'unavailable' });
  answer = (res) => res.json({ access_token: 'token', expires_in: '3600' });
  expect(await tokens.get()).toBe('token');
});

test('a call that is refused with 401 is repeated once with a new token and its own headers', async () => {
  const http = withTokens(createHttp({ vendor: 'The API', baseUrl: issuer.url }), tokens);
  const { data } = await http.request('read', { url: '/api', headers: { 'x-kept': 'yes' } });
  expect(data).toEqual({ token: 'Bearer token-2', kept: 'yes' });
});

test('a caller that is cut short does not take the token from those who wait with it', async () => {
  let issue: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    answer = (res) => {
      issue = () => void res.json({ access_token: 'token', expires_in: 3600 });
      resolve();
    };
  });
  const cut = new AbortController();
  const context = { signal: cut.signal, priority: 'relay', check: () => undefined } as const;
  const first = withCallContext(context, () => tokens.get());
  const second = tokens.get();
  await started;
  cut.abort();
  issue();
  expect(await second).toBe('token');
  await first;
});

describe('errors', () => {
  const refusal = { error: 'invalid_client', error_description: 'hunter2-hunter2 is not the secret of this client' };

  test.each<[number, unknown, string]>([
    [400, refusal, 'unauthorized'],
    [401, refusal, 'unauthorized'],
    [401, '<html></html>', 'unauthorized'],
    [429, refusal, 'rate-limited'],
    [400, '<html></html>', 'unavailable'],
    [403, '<html></html>', 'unavailable'],
    [404, '<html></html>', 'unavailable'],
    [500, refusal, 'unavailable'],
    [502, '<html></html>', 'unavailable'],
    [200, { token: 'elsewhere' }, 'unavailable'],
  ])('an answer of %i %j is never final, nor taken for an effect of the call', async (status, body, kind) => {
    answer = (res) => res.status(status).send(body);
    expect(await failure()).toMatchObject({ name: 'VendorError', kind });
  });

  test('a connection that breaks off is unavailable', async () => {
    answer = (res) => res.destroy();
    expect(await failure()).toMatchObject({ kind: 'unavailable' });
  });

  test('say why in the words of the issuer, without the credentials', async () => {
    answer = (res) => res.status(401).json(refusal);
    const error = await failure();
    expect(error.message).toBe('The issuer: token answered 401: invalid_client: … is not the secret of this client');
    expect(JSON.stringify({ ...error, stack: error.stack })).not.toContain('hunter2');
  });
});

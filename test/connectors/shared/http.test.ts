import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withCallContext, type CallContext } from '../../../connectors/shared/call-context';
import { openFile, readWhole } from '../../../connectors/shared/files';
import { createHttp, type HttpOptions } from '../../../connectors/shared/http';

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function clientOf(listener: RequestListener, options: Partial<HttpOptions> = {}) {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createHttp({ vendor: 'Vendor', baseUrl, ...options });
}

const context = (more: Partial<CallContext> = {}): CallContext => ({
  signal: new AbortController().signal,
  priority: 'relay',
  check: () => undefined,
  ...more,
});

/** An answer that begins and never ends, one byte at a time: no socket is ever idle. */
const trickle: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => clearInterval(timer));
};
const silent: RequestListener = () => undefined;
const count =
  (counted: string[], answer: (nth: number) => [number, object?] = () => [200]): RequestListener =>
  (request, response) => {
    counted.push(`${request.method} ${request.url}`);
    const [status, headers = {}] = answer(counted.length);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}');
  };

test.each([
  ['no answer', silent],
  ['an answer that never ends', trickle],
])('%s ends at the time limit; whether it had an effect is open', async (_, listener) => {
  const http = await clientOf(listener, { timeoutMs: 60 });
  await expect(http.request('post', { method: 'POST', url: '/' })).rejects.toMatchObject({
    kind: 'ambiguous',
    message: 'Vendor: post got no answer (within 0.06 s)',
  });
});

test.each([
  ['no answer', silent],
  ['a server error', count([], () => [500])],
])('reading has no effect, so %s leaves nothing to be read back', async (_, listener) => {
  const http = await clientOf(listener, { timeoutMs: 60 });
  await expect(http.request('get', { url: '/' })).rejects.toMatchObject({ kind: 'unavailable' });
});

test('a stream begins within the time limit and may take longer', async () => {
  const http = await clientOf(
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('first ');
      setTimeout(() => response.end('last'), 1_500);
    },
    { timeoutMs: 1_000 },
  );
  const file = await openFile(http, 'download', 'a.txt', { url: '/' });
  const { bytes } = await readWhole('Vendor', file, { maxBytes: 100, timeoutMs: 5_000 });
  expect(bytes.toString()).toBe('first last');
});

test('what is interrupted stops its call, also while a stream is read', async () => {
  const http = await clientOf(trickle);
  const controller = new AbortController();
  const reading = withCallContext(context({ signal: controller.signal }), async () => {
    const file = await openFile(http, 'download', 'a', { url: '/' });
    controller.abort();
    return readWhole('Vendor', file, { maxBytes: 1_000_000, timeoutMs: 60_000 });
  });
  const begun = Date.now();
  await expect(reading).rejects.toMatchObject({ kind: 'unavailable' });
  expect(Date.now() - begun).toBeLessThan(10_000);
});

test('no call starts where the work has gone over to another', async () => {
  const asked: string[] = [];
  const http = await clientOf(count(asked));
  const check = () => {
    throw new Error('gone over');
  };
  await expect(withCallContext(context({ check }), () => http.request('get', { url: '/' }))).rejects.toThrow(
    'gone over',
  );
  expect(asked).toEqual([]);
});

describe('with a rate limit', () => {
  const rateLimit = { perSecond: 1, burst: 1 };

  test('relaying goes first, also before what has waited longer; no context counts as relaying', async () => {
    const asked: string[] = [];
    const http = await clientOf(count(asked), { rateLimit: { perSecond: 5, burst: 1 } });
    const as = (priority: CallContext['priority']) =>
      withCallContext(context({ priority }), () => http.request('get', { url: `/${priority}` }));
    await http.request('get', { url: '/first' });
    await Promise.all([as('reconcile'), as('open'), as('relay'), http.request('get', { url: '/webhook' })]);
    expect(asked).toEqual(['GET /first', 'GET /relay', 'GET /webhook', 'GET /open', 'GET /reconcile']);
  });

  test('what waits for its turn can be interrupted, without effect', async () => {
    const asked: string[] = [];
    const http = await clientOf(count(asked), { rateLimit });
    await http.request('get', { url: '/first' });
    const controller = new AbortController();
    const waiting = withCallContext(context({ signal: controller.signal }), () =>
      http.request('post', { method: 'POST', url: '/second' }),
    );
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'unavailable', message: /interrupted before it was sent/ });
    expect(asked).toEqual(['GET /first']);
  });

  test('what does not get its turn within the time limit is not sent, and says when to come again', async () => {
    const asked: string[] = [];
    const http = await clientOf(count(asked), { rateLimit, timeoutMs: 30 });
    await http.request('get', { url: '/first' });
    await expect(http.request('post', { method: 'POST', url: '/second' })).rejects.toMatchObject({
      kind: 'rate-limited',
      details: { retryAfterMs: 1_000 },
    });
    expect(asked).toHaveLength(1);
  });

  test('one 429 stops all calls of the connection, and passes on what the vendor asked for', async () => {
    const asked: string[] = [];
    const answer = (): [number, object] => [429, { 'retry-after': '7200' }];
    const http = await clientOf(count(asked, answer), { rateLimit: { perSecond: 100, burst: 100 } });
    const refused = http.request('get', { url: '/' });
    await expect(refused).rejects.toMatchObject({ kind: 'rate-limited', details: { retryAfterMs: 7_200_000 } });
    const next = http.request('get', { url: '/' });
    await expect(next).rejects.toMatchObject({ kind: 'rate-limited', message: /was not sent/ });
    expect(asked).toHaveLength(1);
  });

  test('a 429 of calls with a narrower limit leaves the others alone', async () => {
    const asked: string[] = [];
    const answer = (nth: number): [number, object?] => (nth === 1 ? [429, { 'retry-after': '60' }] : [200]);
    const http = await clientOf(count(asked, answer), {
      rateLimit: { perSecond: 100, burst: 100 },
      narrowerLimit: { limit: { perSecond: 100, burst: 100 }, appliesTo: ({ url }) => url === '/narrow' },
    });
    await expect(http.request('get', { url: '/narrow' })).rejects.toMatchObject({ kind: 'rate-limited' });
    await expect(http.request('get', { url: '/wide' })).resolves.toMatchObject({ status: 200 });
    await expect(http.request('get', { url: '/narrow' })).rejects.toMatchObject({ message: /was not sent/ });
  });
});

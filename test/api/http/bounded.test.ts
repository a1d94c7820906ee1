import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ID, MAIN_KEY, metric, startApi, WRITE_KEY, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
const sockets: Socket[] = [];
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await api.stop();
});

/** Sends a request's head and no more than `sent` of its body. Answers with what comes back, as far as it has come. */
function stalled(path: string, { length = '1000000', sent = '{', headers = '' } = {}) {
  const socket = connect(api.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${length}\r\n\r\n${sent}`);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = async () => {
    while (!text.includes('\r\n')) await once(socket, 'data');
    return Number(text.split(' ')[1]);
  };
  return { socket, status };
}

describe('a request that can be refused without its body', () => {
  beforeEach(async () => {
    api = await startApi();
    api.vendors.platform.urlSecret = 'secret-in-the-url';
  });

  test.each([
    ['404 for an unknown account', '/webhooks/other/platform', {}, 404],
    ['404 for an unknown connection', '/webhooks/main/other', {}, 404],
    ['401 for a wrong secret in the URL', '/webhooks/main/platform/wrong', {}, 401],
    ['401 for no key', '/v1/handoffs', {}, 401],
    ['401 for an unknown key', '/v1/handoffs', { headers: 'Authorization: Bearer guess\r\n' }, 401],
    ['413 for a length over the limit', '/webhooks/main/support', { length: '1048577' }, 413],
  ])('is answered before the body has come: %s', async (_, path, options, status) => {
    expect(await stalled(path, options).status()).toBe(status);
  });
});

describe('a body', () => {
  test('that does not arrive in time ends with 408 and the connection', async () => {
    api = await startApi({ limits: { bodyTimeoutMs: 50 } });
    const { socket, status } = stalled('/webhooks/main/support');
    expect(await status()).toBe(408);
    if (!socket.closed) await once(socket, 'close');
    expect((await api.call('POST', '/webhooks/main/support', { body: {} })).status).toBe(200);
  });

  test('that is large waits for nobody: beyond a few at a time, more are refused with 503', async () => {
    api = await startApi({ limits: { largeBodies: 4 } });
    const uploads = [1, 2, 3].map(() => stalled('/webhooks/main/support').status());
    expect(await Promise.race(uploads)).toBe(503);
    expect((await api.call('POST', '/webhooks/main/support', { body: {} })).status).toBe(200);
    expect((await api.call('POST', '/webhooks/main/platform', { body: 'x'.repeat(100_000) })).status).not.toBe(503);
  });
});

describe('too many requests in flight', () => {
  let release: () => void;
  let allInside: Promise<void>;
  beforeEach(async () => {
    api = await startApi({ maxInFlight: 4 });
    api.temporal.add(ID);
    const released = new Promise<void>((resolve) => (release = resolve));
    allInside = new Promise((resolve) => {
      let inside = 0;
      api.temporal.beforeSignal = () => {
        if (++inside === 2) resolve();
        return released;
      };
    });
  });

  const at = '2026-11-21T12:00:00Z';
  const event = { type: 'conversation-closed', id: '1', at };
  const webhook = () =>
    api.call('POST', '/webhooks/main/platform', { body: { events: [{ conversationId: 'c1', event }] } });

  test('P34: are refused at once with 503 and Retry-After, and counted; those inside are answered', async () => {
    const inside = [webhook(), webhook()];
    await allInside;
    const refused = await webhook();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await metric(api, 'handoff_api_shed_total')).toBe(1);
    release();
    expect((await Promise.all(inside)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await webhook()).status).toBe(200);
  });

  test('P34: of one connection leave room for the others', async () => {
    const inside = [webhook(), webhook()];
    await allInside;
    const other = await api.call('POST', '/v1/handoffs', { body: { conversationId: 'c2' }, key: WRITE_KEY });
    const reading = await api.call('GET', '/v1/handoffs', { key: MAIN_KEY });
    expect([other.status, reading.status]).toEqual([202, 200]);
    release();
    await Promise.all(inside);
  });
});

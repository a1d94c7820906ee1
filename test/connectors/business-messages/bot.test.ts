import express from 'express';
import { forwardToBot } from '../../../connectors/business-messages/bot';
import { connect, listen, type Running } from './setup';

const RAW = '{ "conversationId" :"3333" }';
const HEADERS = {
  'content-type': 'application/json',
  'x-goog-signature': 'abc=',
  'x-forwarded-for': '10.0.0.1',
  authorization: 'Bearer secret',
  cookie: 'session=1',
};
const request = { rawBody: Buffer.from(RAW), headers: HEADERS };
const AT_ONCE = { pausesMs: [0, 0], deadlineMs: 10_000 };

let bot: Running;
let statuses: number[];
let received: { body: string; headers: express.Request['headers'] }[];

beforeEach(async () => {
  [statuses, received] = [[], []];
  const app = express();
  app.post('/bot', express.raw({ type: () => true }), (req, res) => {
    received.push({ body: String(req.body), headers: req.headers });
    res.status(statuses.shift() ?? 200).json({});
  });
  app.post('/moved', (_req, res) => res.redirect(307, '/bot'));
  bot = await listen(app);
});
afterEach(() => bot.close());

test('a webhook goes to the bot byte for byte, with its signature and nothing of the connection', async () => {
  await connect({ botUrl: `${bot.url}/bot` }).bot!.forward(request);
  expect(received).toHaveLength(1);
  expect(received[0]!.body).toBe(RAW);
  expect(received[0]!.headers).toMatchObject({ 'x-goog-signature': 'abc=', 'content-type': 'application/json' });
  for (const name of ['authorization', 'cookie', 'x-forwarded-for']) {
    expect(received[0]!.headers).not.toHaveProperty(name);
  }
});

test('without a bot of its own there is nothing to forward to', () => {
  expect(connect().bot).toBeUndefined();
});

test('a bot that fails is asked again at once', async () => {
  statuses = [500, 502];
  await forwardToBot(`${bot.url}/bot`, request, AT_ONCE);
  expect(received).toHaveLength(3);
});

test.each([400, 404, 500])(
  'a bot that answers %i each time is unavailable, so that Google delivers again',
  async (status) => {
    statuses = [status, status, status];
    const forwarded = forwardToBot(`${bot.url}/bot`, request, AT_ONCE);
    await expect(forwarded).rejects.toMatchObject({ name: 'VendorError', kind: 'unavailable' });
    expect(received).toHaveLength(3);
  },
);

test('a bot that redirects has not accepted the webhook', async () => {
  await expect(forwardToBot(`${bot.url}/moved`, request, AT_ONCE)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(received).toEqual([]);
});

test('the deadline holds for all attempts together, and the error quotes nothing of the webhook', async () => {
  const app = express();
  let asked = 0;
  app.post('/bot', () => void asked++);
  const silent = await listen(app);
  const forwarded = forwardToBot(`${silent.url}/bot`, request, { pausesMs: [0, 0], deadlineMs: 50 });
  const error = (await forwarded.catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject({ kind: 'unavailable' });
  expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/3333|abc=|secret/);
  expect(asked).toBe(1);
  await silent.close();
});

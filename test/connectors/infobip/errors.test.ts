import { explain } from '../../../connectors/infobip/http';
import { connectorTo, Fake, refusal } from './fake';

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

const CONVERSATION = '/ccaas/1/conversations/c1';

function asking() {
  return connectorTo(fake.url).isClosed('c1');
}

test('the error envelope is read, its details too', () => {
  const { body } = refusal(400, 'BAD_REQUEST', 'Bad request', { to: ['must not be blank'] });
  expect(explain(400, body)).toEqual({ kind: undefined, text: 'BAD_REQUEST; Bad request; to must not be blank' });
});

test('the other declared error body, and any other, is survived', () => {
  expect(explain(400, { statusCode: 'FAILURE', message: 'no' })).toEqual({ kind: undefined, text: 'FAILURE; no' });
  for (const body of [undefined, null, '', '<html>', [], 7, { requestError: null }])
    expect(() => explain(500, body)).not.toThrow();
});

test('a content that is too long is too-large', () => {
  const { body } = refusal(400, 'BAD_REQUEST', 'Bad request', {
    content: ['size cannot be longer than 4096 characters.'],
  });
  expect(explain(400, body).kind).toBe('too-large');
});

test.each([
  [refusal(401, 'UNAUTHORIZED', 'Unauthorized'), 'unauthorized'],
  [refusal(403, 'FORBIDDEN', 'Forbidden'), 'unauthorized'],
  [refusal(500, 'GENERAL_ERROR', 'Something went wrong. Please contact support.'), 'unavailable'],
  [refusal(400, 'BAD_REQUEST', 'Bad request'), 'rejected'],
  [{ status: 502, body: '<html>bad gateway</html>' }, 'unavailable'],
  [{ status: 404, body: '<html>no such host</html>' }, 'unavailable'],
  [{ status: 404, body: { message: 'no Route matched with those values' } }, 'unavailable'],
  [{ status: 200, body: '<html>log in</html>' }, 'ambiguous'],
])('%j is %s', async (answer, kind) => {
  fake.on(`GET ${CONVERSATION}`, answer);
  await expect(asking()).rejects.toMatchObject({ name: 'VendorError', kind });
});

test('a limited rate comes with the time to wait', async () => {
  fake.on(`GET ${CONVERSATION}`, {
    ...refusal(429, 'TOO_MANY_REQUESTS', 'Too many requests'),
    headers: { 'retry-after': '7' },
  });
  await expect(asking()).rejects.toMatchObject({ kind: 'rate-limited', details: { retryAfterMs: 7000 } });
});

test('nobody at the base URL is unavailable', async () => {
  const gone = await new Fake().start();
  const { url } = gone;
  await gone.stop();
  await expect(connectorTo(url).isClosed('c1')).rejects.toMatchObject({ kind: 'unavailable' });
});

test('an API key goes in the App scheme, user name and password in Basic', async () => {
  fake.on(`GET ${CONVERSATION}`, { body: { status: 'CLOSED' } });
  await asking();
  await connectorTo(fake.url, { apiKey: undefined, username: 'user', password: 'pass' }).isClosed('c1');
  expect(fake.seen.map(({ headers }) => headers.authorization)).toEqual([
    'App key-of-the-test',
    `Basic ${Buffer.from('user:pass').toString('base64')}`,
  ]);
});

test('no error holds a secret or the text of a message', async () => {
  fake.on('POST /ccaas/1/conversations/c1/messages', refusal(400, 'BAD_REQUEST', 'Bad request'));
  fake.on(`GET ${CONVERSATION}`, { body: {} });
  const error: unknown = await connectorTo(fake.url)
    .send({
      conversationId: 'c1',
      messageId: 'm1',
      representative: { type: 'BOT' },
      content: { kind: 'text', text: 'a private word' },
      replyTo: { channel: 'SMS', from: 'us', to: 'them' },
    })
    .catch((thrown: unknown) => thrown);
  const all = `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`;
  expect(all).toContain('create message answered 400');
  expect(all).not.toMatch(/private|key-of-the-test/);
});

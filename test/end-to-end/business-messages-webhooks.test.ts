import { CLIENT_TOKEN, sign, startBusinessLayer, type BusinessLayer } from '../support/business-layer';
import { MESSAGE, messageLike } from '../support/business-messages-examples';
import { eventually } from '../support/eventually';

let layer: BusinessLayer;
beforeAll(async () => {
  layer = await startBusinessLayer();
});
afterAll(() => layer.stop());
afterEach(() => {
  expect(layer.breaches()).toEqual([]);
});

const untilHeard = (id: string, times: number) =>
  eventually(`the bot has heard ${times}`, () => layer.heard(id).length >= times);
const attempts = (conversationId: string) =>
  layer.standIn.journal
    .since()
    .filter((entry) => entry.kind === 'webhook' && entry.conversationId === conversationId)
    .filter(({ outcome }) => outcome !== 'withheld')
    .map(({ outcome, status }) => `${String(outcome)} ${String(status)}`);

describe('outside a handoff the bot', () => {
  test('gets every webhook as it came, with its signature', async () => {
    const id = layer.begin();
    const body = `{ "conversationId":"${id}",\n  "requestId" : "r", "message": {"messageId":"m","text":"Zażółć 🗝"},"sendTime":"2026-01-01T10:00:00Z" }`;
    expect((await layer.post(body)).status).toBe(200);
    expect(layer.heard(id)).toEqual([{ body, signature: sign(body), taken: true }]);
    const read = `{"conversationId":"${id}","receipts":{"receipts":[{"message":"m","receiptType":"READ"}]}}`;
    expect((await layer.post(read)).status).toBe(200);
    expect(layer.heard(id).at(-1)).toEqual({ body: read, signature: sign(read), taken: true });
  });

  test('is tried again at once when it is away for a moment', async () => {
    const id = layer.begin();
    layer.refuseAtBot(2);
    layer.write('Hello', id);
    await eventually('the webhook is delivered', () => attempts(id).length > 0);
    expect(layer.heard(id).map(({ taken }) => taken)).toEqual([false, false, true]);
    expect(attempts(id)).toEqual(['delivered 200']);
  });

  test('gets it from the platform again when it is away for longer', async () => {
    const id = layer.begin();
    layer.refuseAtBot(4);
    layer.write('Hello', id);
    await eventually('the webhook is delivered', () => attempts(id).includes('delivered 200'));
    expect(layer.heard(id).map(({ taken }) => taken)).toEqual([false, false, false, false, true]);
    expect(attempts(id)).toEqual(['failed 503', 'delivered 200']);
  });
});

test('inside a handoff the bot gets nothing, and after it everything again', async () => {
  const id = await layer.handOff();
  const { endUsers } = layer.standIn;
  endUsers.type(id);
  endUsers.read(id);
  endUsers.requestLiveAgent(id);
  await layer.post({ conversationId: id, requestId: 'r-new', somethingNew: {} });
  layer.write('To the agent', id);
  await layer.untilInCase(id, 'Michael: To the agent');
  expect(layer.heard(id)).toEqual([]);

  await layer.agent(id, 'close');
  await layer.until(id, 'closed');
  endUsers.type(id);
  layer.write('To the bot', id);
  await untilHeard(id, 2);
  expect(layer.heard(id).map(({ body }) => Object.keys(JSON.parse(body) as object))).toEqual([
    expect.arrayContaining(['userStatus']),
    expect.arrayContaining(['message']),
  ]);
  await layer.untilShown(
    id,
    'BOT Hello World Agent: Sorry, I did not understand that. You can ask for a person at any time.',
  );
  expect(await layer.inCase(id)).toEqual(['Michael: To the agent']);
});

describe('a webhook', () => {
  test('is set up by a handshake, which the secret answers as plain text', async () => {
    expect(await layer.standIn.handshake()).toBe(true);
    const answer = await layer.post({ clientToken: CLIENT_TOKEN, secret: 's3cret <b>' }, '');
    expect([answer.status, answer.data]).toEqual([200, 's3cret <b>']);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    const wrong = await layer.post({ clientToken: 'another', secret: 's3cret' });
    expect([wrong.status, JSON.stringify(wrong.data)]).toEqual([401, expect.not.stringContaining('s3cret')]);
  });

  test.each([
    ['none', ''],
    ['one by another key', sign(MESSAGE, 'another-key')],
    ['one of another body', sign(`${MESSAGE}\n`)],
  ])('with a wrong signature (%s) is refused and reaches nobody', async (_what, signature) => {
    const id = layer.begin({ conversationId: '3333' });
    const before = await layer.counted('unauthorized');
    expect((await layer.post(MESSAGE, signature)).status).toBe(401);
    expect(layer.heard(id)).toEqual([]);
    expect(await layer.counted('unauthorized')).toBe(before + 1);
  });

  test('that is signed and no JSON is refused as malformed', async () => {
    expect((await layer.post('{"conversationId":')).status).toBe(400);
  });

  test('of an unknown kind is taken, and counted', async () => {
    const id = await layer.handOff();
    const before = await layer.counted('unknown-type');
    const unknown = [
      { conversationId: id, requestId: 'r', feedbackResponse: {} },
      { conversationId: id },
      [],
      { hello: 1 },
    ];
    for (const body of unknown) expect((await layer.post(body)).status).toBe(200);
    expect(await layer.counted('unknown-type')).toBe(before + unknown.length);
    expect(await layer.view(id)).toMatchObject({ relayed: { inbound: 0 }, pending: 0 });
  });
});

describe('what arrives twice counts once', () => {
  const { message } = messageLike('', 'Hello?');
  const sent = { message: { ...message, messageId: undefined } };

  test.each([
    [
      'by its message id',
      (id: string, i: number) => messageLike('m1', 'Hello?', { conversationId: id, requestId: `r${i}` }),
    ],
    [
      'by its request id',
      (id: string, i: number) => ({
        ...sent,
        conversationId: id,
        requestId: 'r1',
        sendTime: `2026-01-01T10:00:0${i}Z`,
      }),
    ],
    ['by its bytes', (id: string) => ({ ...sent, conversationId: id })],
  ])('%s', async (_by, webhook) => {
    const id = await layer.handOff();
    for (let i = 0; i < 3; i++) expect((await layer.post(webhook(id, i))).status).toBe(200);
    layer.write('the last word', id);
    await layer.untilInCase(id, 'Michael: the last word');
    expect((await layer.inCase(id)).map((line) => line.replace(/^.*: /, ''))).toEqual(['Hello?', 'the last word']);
  });

  test('while another message with the same words is another message', async () => {
    const id = await layer.handOff();
    for (const requestId of ['r1', 'r2']) await layer.post({ ...sent, conversationId: id, requestId });
    await eventually('both are in the case', async () => (await layer.inCase(id)).length === 2);
  });
});

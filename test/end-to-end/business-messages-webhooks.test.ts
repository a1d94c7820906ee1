import { CLIENT_TOKEN, sign, startBusinessService, type BusinessService } from '../support/business-service';
import { MESSAGE, messageLike } from '../support/business-messages-examples';
import { eventually } from '../support/eventually';

let service: BusinessService;
beforeAll(async () => {
  service = await startBusinessService();
});
afterAll(() => service.stop());
afterEach(() => {
  expect(service.breaches()).toEqual([]);
});

const untilHeard = (id: string, times: number) =>
  eventually(`the bot has heard ${times}`, () => service.heard(id).length >= times);
const attempts = (conversationId: string) =>
  service.simulator.journal
    .since()
    .filter((entry) => entry.kind === 'webhook' && entry.conversationId === conversationId)
    .filter(({ outcome }) => outcome !== 'withheld')
    .map(({ outcome, status }) => `${String(outcome)} ${String(status)}`);

describe('outside a handoff the bot', () => {
  test('gets every webhook as it came, with its signature', async () => {
    const id = service.begin();
    const body = `{ "conversationId":"${id}",\n  "requestId" : "r", "message": {"messageId":"m","text":"Zażółć 🗝"},"sendTime":"2026-01-01T10:00:00Z" }`;
    expect((await service.post(body)).status).toBe(200);
    expect(service.heard(id)).toEqual([{ body, signature: sign(body), taken: true }]);
    const read = `{"conversationId":"${id}","receipts":{"receipts":[{"message":"m","receiptType":"READ"}]}}`;
    expect((await service.post(read)).status).toBe(200);
    expect(service.heard(id).at(-1)).toEqual({ body: read, signature: sign(read), taken: true });
  });

  test('is tried again at once when it is away for a moment', async () => {
    const id = service.begin();
    service.refuseAtBot(2);
    service.write('Hello', id);
    await eventually('the webhook is delivered', () => attempts(id).length > 0);
    expect(service.heard(id).map(({ taken }) => taken)).toEqual([false, false, true]);
    expect(attempts(id)).toEqual(['delivered 200']);
  });

  test('gets it from the platform again when it is away for longer', async () => {
    const id = service.begin();
    service.refuseAtBot(4);
    service.write('Hello', id);
    await eventually('the webhook is delivered', () => attempts(id).includes('delivered 200'));
    expect(service.heard(id).map(({ taken }) => taken)).toEqual([false, false, false, false, true]);
    expect(attempts(id)).toEqual(['failed 503', 'delivered 200']);
  });
});

test('inside a handoff the bot gets nothing, and after it everything again', async () => {
  const id = await service.handOff();
  const { endUsers } = service.simulator;
  endUsers.type(id);
  endUsers.read(id);
  endUsers.requestLiveAgent(id);
  await service.post({ conversationId: id, requestId: 'r-new', somethingNew: {} });
  service.write('To the agent', id);
  await service.untilInCase(id, 'Michael: To the agent');
  expect(service.heard(id)).toEqual([]);

  await service.agent(id, 'close');
  // Its workflow still runs for a moment, in which nothing may be kept from the bot.
  await service.until(id, 'closed');
  endUsers.type(id);
  service.write('To the bot', id);
  await untilHeard(id, 2);
  expect(service.heard(id).map(({ body }) => Object.keys(JSON.parse(body) as object))).toEqual([
    expect.arrayContaining(['userStatus']),
    expect.arrayContaining(['message']),
  ]);
  await service.untilShown(
    id,
    'BOT Hello World Agent: Sorry, I did not understand that. You can ask for a person at any time.',
  );
  expect(await service.inCase(id)).toEqual(['Michael: To the agent']);
});

describe('a webhook', () => {
  test('is set up by a handshake, which the secret answers as plain text', async () => {
    expect(await service.simulator.handshake()).toBe(true);
    const answer = await service.post({ clientToken: CLIENT_TOKEN, secret: 's3cret <b>' }, '');
    expect([answer.status, answer.data]).toEqual([200, 's3cret <b>']);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    const wrong = await service.post({ clientToken: 'another', secret: 's3cret' });
    expect([wrong.status, JSON.stringify(wrong.data)]).toEqual([401, expect.not.stringContaining('s3cret')]);
  });

  test.each([
    ['none', ''],
    ['one by another key', sign(MESSAGE, 'another-key')],
    ['one of another body', sign(`${MESSAGE}\n`)],
  ])('with a wrong signature (%s) is refused and reaches nobody', async (_what, signature) => {
    const id = service.begin({ conversationId: '3333' });
    const before = await service.counted('unauthorized');
    expect((await service.post(MESSAGE, signature)).status).toBe(401);
    expect(service.heard(id)).toEqual([]);
    expect(await service.counted('unauthorized')).toBe(before + 1);
  });

  test('that is signed and no JSON is refused as malformed', async () => {
    expect((await service.post('{"conversationId":')).status).toBe(400);
  });

  test('of an unknown kind is taken, and counted', async () => {
    const id = await service.handOff();
    const before = await service.counted('unknown-type');
    const unknown = [
      { conversationId: id, requestId: 'r', feedbackResponse: {} },
      { conversationId: id },
      [],
      { hello: 1 },
    ];
    for (const body of unknown) expect((await service.post(body)).status).toBe(200);
    expect(await service.counted('unknown-type')).toBe(before + unknown.length);
    expect(await service.view(id)).toMatchObject({ relayed: { inbound: 0 }, pending: 0 });
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
    const id = await service.handOff();
    for (let i = 0; i < 3; i++) expect((await service.post(webhook(id, i))).status).toBe(200);
    service.write('the last word', id);
    await service.untilInCase(id, 'Michael: the last word');
    expect((await service.inCase(id)).map((line) => line.replace(/^.*: /, ''))).toEqual(['Hello?', 'the last word']);
  });

  test('while another message with the same words is another message', async () => {
    const id = await service.handOff();
    for (const requestId of ['r1', 'r2']) await service.post({ ...sent, conversationId: id, requestId });
    await eventually('both are in the case', async () => (await service.inCase(id)).length === 2);
  });
});

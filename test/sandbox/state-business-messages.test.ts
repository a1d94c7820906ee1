import { connect, type Account } from '../../accounts/connect';
import { loadSettings } from '../../settings/load';
import type { Agent } from '../../domain/message';
import { eventually } from '../support/eventually';
import { startSandboxWithFakeApi, type SandboxWithFakeApi } from './sandbox-with-fake-api';

const ANA: Agent = { name: 'Ana', avatarUrl: 'https://desk.example/ana.png' };
const platform = 'business-messages';

let fake: SandboxWithFakeApi;
/** The account as Durable Handoff has it, from the sandbox's settings. */
let account: Account;

beforeAll(async () => {
  fake = await startSandboxWithFakeApi();
  account = connect(loadSettings(fake.env)).get('business')!;
});
beforeEach(() => fake.reset());
afterAll(() => fake.stop());

const endUsers = () => fake.sandbox.businessMessages.endUsers;
const phone = async () => (await fake.state({ platform })).phone!;
const write = (text: string) => endUsers().write({ text, name: 'Ivana' }).conversationId;

/** Without webhooks the bot gets no messages, so it does not answer while a test looks at the page. */
function withholdWebhooks(): void {
  fake.sandbox.businessMessages.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
}

function begin(): string {
  withholdWebhooks();
  return write('Hello');
}
const bot = { type: 'BOT' } as const;

let eventIds = 0;
const event = (conversationId: string) => ({ conversationId, eventId: String(eventIds++), agent: ANA });

test('both platforms are offered, and each has its own end users', async () => {
  fake.sandbox.infobip.endUsers.receive({ from: 'one', name: 'Jonas', text: 'Hello' });
  const conversationId = begin();
  const { platforms, endUsers } = await fake.state({ platform });
  expect(platforms.map(({ label }) => label)).toEqual(['Infobip', 'Business Messages']);
  expect(endUsers).toEqual([{ id: conversationId, name: 'Ivana' }]);
  expect((await fake.state()).endUsers).toEqual([{ id: 'one', name: 'Jonas' }]);
});

test('each message shows who speaks, and an agent is seen to come and to go', async () => {
  const conversationId = begin();
  const human = { type: 'HUMAN', agent: ANA } as const;
  const say = (messageId: string, representative: typeof human | typeof bot, text: string) =>
    account.platform.send({ conversationId, messageId, representative, content: { kind: 'text', text } });
  await account.platform.representatives!.joined(event(conversationId));
  await say('1', human, 'Hello, this is Ana.');
  expect((await phone()).representative).toEqual({ type: 'HUMAN', ...ANA });
  await account.platform.representatives!.left(event(conversationId));
  await say('2', bot, 'Goodbye.');

  const { lines, representative } = await phone();
  const picture = `${fake.url}/bot.svg`;
  expect(lines.map(({ author, name, avatarUrl, text }) => [author, name, avatarUrl, text])).toEqual([
    ['end-user', 'Ivana', undefined, 'Hello'],
    ['moment', undefined, ANA.avatarUrl, 'Ana joined'],
    ['agent', 'Ana', ANA.avatarUrl, 'Hello, this is Ana.'],
    ['moment', undefined, ANA.avatarUrl, 'Ana left'],
    ['bot', 'Shop bot', picture, 'Goodbye.'],
  ]);
  expect(representative.type).toBe('BOT');
});

test('an agent is seen to type until the message comes', async () => {
  const conversationId = begin();
  await account.platform.representatives!.joined(event(conversationId));
  expect((await phone()).typing).toBeUndefined();
  await account.platform.presence!.show(conversationId, { type: 'typing', caseKey: 'any', agent: ANA });
  expect((await phone()).typing).toMatchObject(ANA);
  const message = { conversationId, messageId: '3', content: { kind: 'text', text: 'Hello' } } as const;
  await account.platform.send({ ...message, representative: { type: 'HUMAN', agent: ANA } });
  expect((await phone()).typing).toBeUndefined();
});

test('the end user is seen to type on the desk until the message comes', async () => {
  const conversationId = begin();
  const key = `handoff:business:${conversationId}#0123456789ab.1`;
  const opening = { key, subject: 'Chat', priority: 'NORMAL', attributes: {} } as const;
  const desk = account.contactCenters.desk!;
  const customer = { id: conversationId, name: 'Ivana' };
  const opened = await desk.openCase({
    ...opening,
    tags: [],
    customer,
    transcript: { entries: [], gap: 'not-readable' },
  });
  const shown = async () => (await fake.state({ platform })).desk!;
  const [first] = (await shown()).lines;
  expect([first?.author, first?.text]).toEqual(['system', expect.stringContaining('cannot be read')]);

  await desk.presence!.show(opened, { type: 'typing' });
  expect((await shown()).typing).toMatchObject({ name: 'Ivana' });
  const message = { id: '1', at: new Date().toISOString(), content: { kind: 'text', text: 'Hi' } } as const;
  await desk.append(opened, [message]);
  expect((await shown()).typing).toBeUndefined();
});

test('a report of typing that the message has overtaken on its way shows nobody typing', async () => {
  const conversationId = begin();
  const desk = account.contactCenters.desk!;
  const opened = await desk.openCase({
    key: `handoff:business:${conversationId}#0123456789ab.1`,
    subject: 'Chat',
    priority: 'NORMAL',
    attributes: {},
    tags: [],
    customer: { id: conversationId },
    transcript: { entries: [] },
  });
  await desk.append(opened, [{ id: '1', at: new Date().toISOString(), content: { kind: 'text', text: 'Hi' } }]);
  await desk.presence!.show(opened, { type: 'typing' });
  expect((await fake.state({ platform })).desk!.typing).toBeUndefined();

  await account.platform.representatives!.joined(event(conversationId));
  const message = { conversationId, messageId: '4', content: { kind: 'text', text: 'Hello' } } as const;
  await account.platform.send({ ...message, representative: { type: 'HUMAN', agent: ANA } });
  await account.platform.presence!.show(conversationId, { type: 'typing', caseKey: 'any', agent: ANA });
  expect((await phone()).typing).toBeUndefined();
});

test.each([
  ['connected', 'paused'],
  ['closed', 'listening'],
])('while the handoff is %s the bot is %s, which this platform itself does not know', async (state, hearing) => {
  begin();
  expect((await phone()).bot).toBe('listening');
  fake.answer = { status: 200, body: { state, representative: 'HUMAN', messages: [] } };
  const { bot, representative } = await phone();
  expect(bot).toBe(hearing);
  expect(representative.type).toBe('BOT');
});

test('the suggestions of the last message can be tapped until another message comes', async () => {
  const conversationId = write('Hello');
  const offered = await eventually('the bot has answered', async () => {
    const { suggestions } = await phone();
    return suggestions.length > 0 ? suggestions : undefined;
  });
  expect(offered).toEqual([
    { text: 'Opening hours', action: 'suggestion' },
    { text: 'Talk to a person', action: 'request-live-agent' },
  ]);
  // The bot answers a tap with new suggestions, often before the page is read again.
  withholdWebhooks();
  endUsers().tap(conversationId, 'Opening hours');
  expect((await phone()).suggestions).toEqual([]);
});

test('the bot hands over all that it knows, since nobody can read the conversation later', async () => {
  const conversationId = write('I have a problem');
  const { key, body } = await eventually('the bot has called', () =>
    fake.asked.find(({ method, url }) => method === 'POST' && url === '/v1/handoffs'),
  );
  expect(key).toBe('Bearer sandbox-bot-key');
  expect(JSON.parse(body)).toMatchObject({
    account: 'business',
    conversationId,
    language: 'en',
    customer: { name: 'Ivana' },
    attributes: { entryPoint: 'PLACESHEET' },
    history: [{ author: 'end-user', text: 'I have a problem' }],
  });
});

import { platformConnectors, connectorFor } from '../../connectors/registry';
import type { Platform } from '../../connectors/platform';
import { eventually, runReceiver, runSimulator, API_KEY, type Running } from './infobip-support';

/** The connector and the simulator were each written from the published facts alone: here they have to agree. */
let running: Running;
afterEach(() => running.stop());

async function connect(webhook: object = {}, options: Parameters<typeof runSimulator>[0] = {}): Promise<Platform> {
  running = await runSimulator(options);
  const connector = connectorFor(platformConnectors, 'infobip');
  const settings = connector.settings.parse({
    kind: 'infobip',
    baseUrl: running.url,
    apiKey: API_KEY,
    webhook: { mode: 'subscription', secret: 'a-url-secret', ...webhook },
  });
  return connector.create(settings as { kind: string }, { account: 'main', processes: 1 });
}

const textsOf = (id: string) =>
  running.simulator.endUsers.conversation(id)!.messages.map(({ content }) => content.text);
const human = { type: 'HUMAN', agent: { name: 'Ana' } } as const;
const text = (said: string) => ({ kind: 'text', text: said }) as const;

test('reads a thousand messages in order, with their authors', async () => {
  const platform = await connect();
  const messages = Array.from({ length: 1200 }, (_, index) => ({
    text: `m${index}`,
    authorType: index % 2 ? ('BOT' as const) : ('CUSTOMER' as const),
  }));
  const { conversationId } = running.simulator.endUsers.addConversation({ messages });
  const { entries } = await platform.history!.read(conversationId, { limit: 1000 });
  expect(entries.map(({ content }) => content)).toEqual(messages.slice(200).map((message) => text(message.text)));
  expect(new Set(entries.map(({ author }) => author))).toEqual(new Set(['end-user', 'bot']));
});

test('reads what the bot attached', async () => {
  const platform = await connect();
  const tags = Array.from({ length: 12 }, (_, index) => `tag_${index}`);
  const metadata = { language: 'hr', priority: 'high' };
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }], tags, metadata });
  const context = await platform.readContext(conversationId);
  expect(context).toMatchObject({ attributes: metadata, language: 'hr', priority: 'HIGH' });
  expect([...context.tags].sort()).toEqual([...tags].sort());
});

test('sends to the end user, once, also after an answer that never came', async () => {
  const platform = await connect();
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
  const outgoing = { conversationId, messageId: 'm1', representative: human, content: text('Hello') };
  running.simulator.faults.set({
    api: { next: [{ match: 'POST .*/messages$', answer: 'timeout-after-effect', delayMs: 0, times: 1 }] },
  });
  const since = new Date().toISOString();
  await expect(platform.send(outgoing)).rejects.toMatchObject({ kind: 'ambiguous' });
  await platform.send({ ...outgoing, readBack: { since, knownIds: [] } });
  expect(textsOf(conversationId)).toEqual(['Hi', 'Hello']);
});

test('sends into an assigned conversation in its agent’s name', async () => {
  const platform = await connect();
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }] });
  const agentId = 'C85602A8D75E4B0A9D2A26F43AD8B5AB';
  const { replyTo } = await platform.readContext(conversationId);
  await running.call('PUT', `/ccaas/1/conversations/${conversationId}/assignee`, { agentId });
  const outgoing = { conversationId, messageId: 'm1', representative: human, content: text('Hello') };
  await platform.send({ ...outgoing, replyTo });
  expect(running.simulator.endUsers.conversation(conversationId)?.messages.at(-1)).toMatchObject({ authorId: agentId });
});

test('what a rate limit refused is sent, though the bot has said the same words', async () => {
  const platform = await connect();
  const messages = [{ text: 'Hi' }, { text: 'One moment.', authorType: 'BOT' as const }];
  const { conversationId } = running.simulator.endUsers.addConversation({ messages, bot: 'paused' });
  const outgoing = { conversationId, messageId: 'm1', representative: human, content: text('One moment.') };
  await platform.send({ ...outgoing, readBack: { since: new Date().toISOString(), knownIds: [] } });
  expect(textsOf(conversationId)).toEqual(['Hi', 'One moment.', 'One moment.']);
});

test('a file is sent once, also where the answer never came and its link is signed anew', async () => {
  const platform = await connect();
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
  const file = (token: string) => ({
    conversationId,
    messageId: 'm1',
    representative: human,
    content: {
      kind: 'file' as const,
      media: 'image' as const,
      source: { url: `https://handoff.example.com/media/${token}/m1-0-a.png` },
    },
  });
  running.simulator.faults.set({
    api: { next: [{ match: 'POST .*/messages$', answer: 'timeout-after-effect', delayMs: 0, times: 1 }] },
  });
  const since = new Date().toISOString();
  await expect(platform.send(file('token-1'))).rejects.toMatchObject({ kind: 'ambiguous' });
  await platform.send({ ...file('token-2'), readBack: { since, knownIds: [] } });
  expect(running.simulator.endUsers.conversation(conversationId)!.messages).toHaveLength(2);
});

test('lists the conversations that are handed over and open', async () => {
  const platform = await connect();
  const open = () => running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }] }).conversationId;
  const [linked, closed] = [open(), open(), open()];
  expect(await platform.openConversations!.list(10)).toEqual([]);
  for (const id of [linked, closed])
    await platform.link(id, { handoffId: 'h1', contactCenter: 'desk', case: { id: '7' } });
  await running.call('PATCH', `/ccaas/1/conversations/${linked}`, { status: 'SOLVED' });
  await platform.close(closed);
  expect(await platform.openConversations!.list(10)).toEqual([{ conversationId: linked }]);
});

test('only the API itself says that a conversation does not exist, and a proxy says nothing of it', async () => {
  const platform = await connect();
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }] });
  running.simulator.faults.set({ api: { next: [{ answer: 'proxy-404', delayMs: 0, times: 2 }] } });
  await expect(platform.isClosed(conversationId)).rejects.toMatchObject({ kind: 'unavailable' });
  await expect(platform.close(conversationId)).rejects.toMatchObject({ kind: 'unavailable' });
  await expect(platform.isClosed('nowhere')).rejects.toMatchObject({ kind: 'not-found' });
  await expect(platform.close('nowhere')).rejects.toMatchObject({ kind: 'not-found' });
});

test('splits what is longer than a message may be', async () => {
  const platform = await connect();
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }] });
  const long = 'word '.repeat(1000);
  await platform.send({ conversationId, messageId: 'm1', representative: human, content: text(long) });
  expect(textsOf(conversationId).slice(1).join('')).toBe(long);
});

test('links, shows typing and closes; closing what is closed is a success', async () => {
  const platform = await connect();
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
  const link = { handoffId: 'h1', contactCenter: 'desk', case: { id: '7' } };
  for (let times = 0; times < 2; times += 1) await platform.link(conversationId, link);
  const presence = { type: 'typing', caseKey: 'k', agent: { name: 'Ana' } } as const;
  await platform.presence?.show(conversationId, presence);
  const seen = running.simulator.endUsers.conversation(conversationId);
  expect(seen).toMatchObject({ tags: ['durable_handoff'], metadata: { handoffCase: '7' }, typing: true });
  expect(await platform.isClosed(conversationId)).toBe(false);
  for (let times = 0; times < 2; times += 1) await platform.close(conversationId);
  expect(await platform.isClosed(conversationId)).toBe(true);
  expect(running.simulator.endUsers.conversation(conversationId)?.bot).toBe('listening');
});

test.each([400, 404] as const)(
  'knows an unknown conversation by the words, with status %d',
  async (unknownIdStatus) => {
    const platform = await connect({}, { unknownIdStatus });
    await expect(platform.history!.read('nowhere', { limit: 10 })).rejects.toMatchObject({ kind: 'not-found' });
  },
);

test('knows a closed conversation and a busy platform', async () => {
  const platform = await connect();
  const { conversationId } = running.simulator.endUsers.addConversation({ messages: [{ text: 'Hi' }] });
  await platform.close(conversationId);
  const outgoing = { conversationId, messageId: 'm1', representative: human, content: text('Hello') };
  await expect(platform.send(outgoing)).rejects.toMatchObject({ kind: 'conversation-closed' });
  running.simulator.faults.set({ api: { next: [{ answer: 429, retryAfter: 7, delayMs: 0, times: 1 }] } });
  const refused = { kind: 'rate-limited', details: { retryAfterMs: 7000 } };
  await expect(platform.isClosed(conversationId)).rejects.toMatchObject(refused);
});

test('asks which of many conversations have changed', async () => {
  const platform = await connect();
  const ids = Array.from({ length: 60 }, () => running.simulator.endUsers.addConversation({}).conversationId);
  const changed = await platform.changes?.since(ids, new Date(Date.now() - 60_000).toISOString());
  expect([...(changed ?? [])].sort()).toEqual([...ids].sort());
  expect(await platform.changes?.since(ids, new Date(Date.now() + 60_000).toISOString())).toEqual([]);
});

test.each([
  ['subscription', 'full', 'none'],
  ['subscription', 'omitted', 'none'],
  ['subscription', 'full', 'read-back'],
  ['account-configuration', 'full', 'none'],
] as const)(
  'subscribes by %s and understands the webhook (content %s, verify %s)',
  async (mode, webhookContent, verify) => {
    const platform = await connect({ mode, verify });
    const receiver = await runReceiver();
    for (let times = 0; times < 2; times += 1) await (await platform.subscription!.plan(receiver.url)).apply();
    const { conversationId } = running.simulator.endUsers.addConversation({ from: 'CHAT-1', bot: 'paused' });
    running.simulator.faults.set({ webhookContent });
    const { messageId } = running.simulator.endUsers.receive({ from: 'CHAT-1', text: 'Hello' });
    await eventually(() => expect(receiver.got).toHaveLength(1));
    const { body, headers } = receiver.got[0]!;
    const request = { rawBody: Buffer.from(JSON.stringify(body)), headers: headers as Record<string, string> };
    const { events } = await platform.parseWebhook(request);
    expect(events).toMatchObject([
      { conversationId, event: { type: 'inbound', message: { id: messageId, content: text('Hello') } } },
    ]);
    await receiver.close();
  },
);

test('moves a subscription’s webhook to another URL', async () => {
  const platform = await connect();
  await (await platform.subscription!.plan('https://example.com/first/secret')).apply();
  const plan = await platform.subscription!.plan('https://example.com/second/secret');
  expect(plan.unchanged).toBe(false);
  await plan.apply();
  expect((await platform.subscription!.plan('https://example.com/second/secret')).unchanged).toBe(true);
});

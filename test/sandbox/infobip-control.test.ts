import { eventually, runReceiver, runSimulator, type Running } from './infobip-support';

let running: Running;
beforeEach(async () => {
  running = await runSimulator();
});
afterEach(() => running.stop());

test('an end user writes, and all of the conversation can be seen', async () => {
  const written = await running.call('POST', '/sandbox/messages', { from: 'CHAT-7', name: 'Vera', text: 'Hello' });
  const { conversationId, messageId } = written.data;
  await eventually(() => expect(running.simulator.endUsers.conversation(conversationId)?.messages).toHaveLength(2));
  const { data } = await running.call('GET', `/sandbox/conversations/${conversationId}`);
  expect(data).toMatchObject({ id: conversationId, status: 'OPEN', customer: { name: 'Vera' }, bot: 'listening' });
  expect(data.messages[0]).toMatchObject({ id: messageId, from: 'CHAT-7', contentType: 'TEXT' });
  expect((await running.call('GET', '/sandbox/conversations')).data.conversations).toEqual([data]);
  expect((await running.call('GET', '/sandbox/conversations/none')).status).toBe(404);
});

test('an end user sends a file', async () => {
  const content = { url: 'https://example.com/a.png', caption: 'This one' };
  const { data } = await running.call('POST', '/sandbox/messages', { contentType: 'IMAGE', content });
  const { messages } = running.simulator.endUsers.conversation(data.conversationId)!;
  expect(messages[0]).toMatchObject({ contentType: 'IMAGE', content });
});

test('a conversation with a past of a thousand messages keeps its order, tags and metadata, and no webhook is sent for it', async () => {
  const receiver = await runReceiver();
  await running.call('PUT', '/ccaas/1/account/configuration', { webhookUrl: receiver.url });
  const messages = Array.from({ length: 1000 }, (_, index) => ({ text: `m${index}` }));
  const { data } = await running.call('POST', '/sandbox/conversations', {
    messages,
    tags: ['billing'],
    metadata: { language: 'hr' },
  });
  const seen = running.simulator.endUsers.conversation(data.conversationId)!;
  expect(seen.messages.map(({ content }) => content)).toEqual(messages);
  const times = seen.messages.map(({ createdAt }) => createdAt);
  expect(times).toEqual([...times].sort());
  expect(seen).toMatchObject({ tags: ['billing'], metadata: { language: 'hr' } });
  running.simulator.endUsers.receive({ text: 'Now' });
  await eventually(() => expect(receiver.got).toHaveLength(1));
  expect(receiver.got[0]!.body.content).toEqual({ text: 'Now' });
  await receiver.close();
});

test('the journal has each API request with its answer, and goes on where its reader was', async () => {
  await running.call('POST', '/ccaas/1/tags', { name: 'billing' });
  const entries = async (since = '') => (await running.call('GET', `/sandbox/journal${since}`)).data.entries;
  await eventually(() => expect(running.simulator.journal.since()).toHaveLength(1));
  const [first] = await entries();
  expect(first).toMatchObject({
    kind: 'request',
    method: 'POST',
    path: '/ccaas/1/tags',
    request: { name: 'billing' },
    status: 200,
    response: { name: 'billing' },
    answered: true,
  });
  expect(JSON.stringify(first)).not.toContain('sandbox-key');
  await running.call('GET', '/ccaas/1/nothing');
  await eventually(() => expect(running.simulator.journal.since(first!.seq)).toHaveLength(1));
  expect(await entries(`?since=${first!.seq}`)).toMatchObject([{ path: '/ccaas/1/nothing', status: 404 }]);
});

test('a reset forgets conversations, tags, faults and journal, and keeps the subscriptions', async () => {
  const path = '/subscriptions/1/profiles';
  await running.call('POST', path, { profileId: 'p1', webhook: { notifyUrl: 'https://example.com' } });
  await running.call('POST', '/ccaas/1/tags', { name: 'billing' });
  running.simulator.endUsers.addConversation({ messages: [{ text: 'Hello' }] });
  await running.call('POST', '/sandbox/faults', { api: { next: [{ answer: 500, times: 9 }] } });
  expect((await running.call('POST', '/sandbox/reset')).status).toBe(204);
  expect(running.simulator.journal.since()).toEqual([]);
  expect((await running.call('GET', '/ccaas/1/conversations')).data.conversations).toEqual([]);
  expect((await running.call('GET', '/ccaas/1/tags')).data.tags).toEqual([]);
  expect((await running.call('GET', path)).data.results).toHaveLength(1);
});

test.each([
  ['POST', '/sandbox/messages', {}, 'give either text, or content with contentType'],
  ['POST', '/sandbox/messages', { text: 'a', contentType: 'TEXT' }, 'give either text'],
  ['POST', '/sandbox/messages', { text: 'a', form: 'CHAT-1' }, 'form'],
  ['POST', '/sandbox/conversations', { messages: [{ text: 'a', createdAt: 'today' }] }, 'messages.0.createdAt'],
  ['POST', '/sandbox/faults', { webhooks: { delivery: 'sometimes' } }, 'webhooks.delivery'],
  ['POST', '/sandbox/faults', { api: { next: [{ match: '(', answer: 500 }] } }, 'api.next.0.match'],
  ['GET', '/sandbox/journal?since=yesterday', undefined, 'since'],
])('%s %s with %j says what is wrong', async (method, path, body, said) => {
  const refused = await running.call(method, path, body);
  expect(refused.status).toBe(400);
  expect(refused.headers['content-type']).toContain('application/problem+json');
  expect(refused.data.detail).toContain(said);
});

test('a body that is not JSON is refused as such', async () => {
  const refused = await running.call('POST', '/sandbox/messages', '{"text":', { 'content-type': 'application/json' });
  expect(refused.status).toBe(400);
  expect(refused.headers['content-type']).toContain('application/problem+json');
});

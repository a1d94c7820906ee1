import { eventually, pause, runSimulator, type Running } from './infobip-support';

let running: Running;
afterEach(() => running.stop());

const write = (text: string) => running.simulator.endUsers.receive({ from: 'CHAT-1', text });
const conversation = (id: string) => running.simulator.endUsers.conversation(id)!;
const linesOf = (id: string) =>
  conversation(id).messages.map(({ authorType, content }) => `${authorType}: ${String(content.text)}`);

test('the bot answers its end user in one conversation', async () => {
  running = await runSimulator();
  const { conversationId } = write('Hello');
  await eventually(() => expect(linesOf(conversationId)).toHaveLength(2));
  expect(write('Where is my order?').conversationId).toBe(conversationId);
  await eventually(() => expect(linesOf(conversationId)).toHaveLength(4));
  expect(linesOf(conversationId).map((line) => line.split(':')[0])).toEqual(['CUSTOMER', 'BOT', 'CUSTOMER', 'BOT']);
  expect(conversation(conversationId).bot).toBe('listening');
});

test('asked for a person it attaches context, calls once, says a line, and is paused until the conversation is closed', async () => {
  const called: { conversationId: string; tags: string[]; language?: string }[] = [];
  running = await runSimulator({
    bot: {
      call: (conversationId) => {
        const { tags, metadata } = conversation(conversationId);
        called.push({ conversationId, tags, language: metadata.language });
        return Promise.resolve({ reply: 'Connecting you now.' });
      },
    },
  });
  write('There is an error in my invoice');
  const { conversationId } = write('I want a person');
  await eventually(() => expect(conversation(conversationId).bot).toBe('paused'));
  expect(linesOf(conversationId).at(-1)).toBe('BOT: Connecting you now.');
  const lines = linesOf(conversationId).length;
  write('Hello?');
  write('I want a person');
  await pause(50);
  expect(linesOf(conversationId)).toHaveLength(lines + 2);
  expect(called).toEqual([{ conversationId, tags: ['billing'], language: 'en' }]);

  await running.call('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'SOLVED' });
  expect(conversation(conversationId).bot).toBe('paused');
  await running.call('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'CLOSED' });
  expect(conversation(conversationId).bot).toBe('listening');
  const next = write('Hello');
  expect(next.conversationId).not.toBe(conversationId);
  await eventually(() => expect(linesOf(next.conversationId)).toHaveLength(2));
});

test('the bot asks for help when it has failed twice in a row, and not before', async () => {
  let calls = 0;
  running = await runSimulator({ bot: { call: () => Promise.resolve({ reply: `call ${++calls}` }) } });
  const { conversationId } = write('Florp');
  write('Hello');
  write('Florp');
  await eventually(() => expect(linesOf(conversationId)).toHaveLength(6));
  expect(calls).toBe(0);
  write('Florp again');
  await eventually(() => expect(conversation(conversationId).bot).toBe('paused'));
  expect(calls).toBe(1);
  expect(conversation(conversationId).metadata.handoffReason).toBe('not understood');
});

test('a handoff call that fails leaves the bot listening, so that its end user can ask again', async () => {
  let calls = 0;
  running = await runSimulator({
    bot: { call: () => (++calls === 1 ? Promise.reject(new Error('down')) : Promise.resolve({})) },
  });
  const { conversationId } = write('agent');
  await eventually(() => expect(linesOf(conversationId)).toHaveLength(2));
  expect(conversation(conversationId).bot).toBe('listening');
  write('agent');
  await eventually(() => expect(conversation(conversationId).bot).toBe('paused'));
});

test('a conversation that is closed while the bot calls is left alone', async () => {
  let answer: (said: { reply: string }) => void = () => undefined;
  running = await runSimulator({ bot: { call: () => new Promise((resolve) => (answer = resolve)) } });
  const { conversationId } = write('agent');
  await eventually(() => expect(conversation(conversationId).metadata).toHaveProperty('handoffReason'));
  await running.call('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'CLOSED' });
  answer({ reply: 'too late' });
  await pause(20);
  expect(linesOf(conversationId)).toEqual(['CUSTOMER: agent']);
  expect(conversation(conversationId).bot).toBe('listening');
});

test('what its end user writes while the bot calls makes no second call', async () => {
  let calls = 0;
  let answer: (said: object) => void = () => undefined;
  running = await runSimulator({
    bot: {
      call: () => {
        calls += 1;
        return new Promise((resolve) => (answer = resolve));
      },
    },
  });
  const { conversationId } = write('agent');
  write('agent, please');
  await eventually(() => expect(calls).toBe(1));
  answer({});
  await eventually(() => expect(conversation(conversationId).bot).toBe('paused'));
  await pause(20);
  expect(calls).toBe(1);
  expect(linesOf(conversationId).filter((line) => line.startsWith('BOT'))).toHaveLength(1);
});

import { pino } from 'pino';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';
import { workerLines } from '../support/temporal';

describe('a handoff, end to end', () => {
  let service: Service;
  const apiLines: string[] = [];
  beforeAll(async () => {
    service = await startService({ logger: pino({ level: 'info' }, { write: (line) => void apiLines.push(line) }) });
  });
  afterAll(() => service.stop());

  test('goes from the bot to an agent and back: history, messages both ways, case closed, conversation closed, bot again', async () => {
    const say = (text: string, from: string) => service.say(text, from);
    const conversationId = say('Hello', 'CHAT-story');
    await eventually(
      'the bot answers',
      () => service.infobip.endUsers.conversation(conversationId)!.messages.length > 1,
    );
    say('I want a person', 'CHAT-story');

    const opened = await service.deskCase(conversationId);
    const lines = opened.transcript.entries.map(
      ({ author, content }) => `${author}: ${'text' in content ? content.text : ''}`,
    );
    expect(lines[0]).toBe('end-user: Hello');
    expect(lines[1]).toMatch(/^bot: /);
    expect(lines).toContain('end-user: I want a person');
    await service.until(conversationId, 'waiting');

    say('Are you there?', 'CHAT-story');
    await eventually('the agent has the message', async () =>
      (await service.deskCase(conversationId)).messages.some(
        ({ content }) => 'text' in content && content.text === 'Are you there?',
      ),
    );
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'Yes, I am Ana.' });
    await service.agent(conversationId, 'notes', { text: 'Seems to be a regular.' });
    await eventually('the end user has the answer', () => service.received(conversationId).includes('Yes, I am Ana.'));
    expect(await service.view(conversationId)).toMatchObject({
      state: 'connected',
      representative: 'HUMAN',
      agent: { name: 'Ana' },
    });

    await service.agent(conversationId, 'close');
    const view = await service.until(conversationId, 'closed');
    expect(view).toMatchObject({
      outcome: 'resolved',
      pending: 0,
      undelivered: 0,
      relayed: { inbound: 1, outbound: 1 },
    });
    expect(service.received(conversationId)).toEqual([
      'I have passed your conversation on to our team. An agent will answer you here.',
      'Ana has joined the conversation.',
      'Yes, I am Ana.',
      'The agent has closed this conversation. Write again any time and our assistant will help you.',
    ]);
    const closed = service.infobip.endUsers.conversation(conversationId)!;
    expect(closed).toMatchObject({ status: 'CLOSED', tags: expect.arrayContaining(['durable_handoff']) });
    expect(closed.metadata).toMatchObject({ handoffId: view.handoffId, handoffCase: opened.id });

    const next = say('Hello again', 'CHAT-story');
    expect(next).not.toBe(conversationId);
    await eventually('the bot answers again', () => service.infobip.endUsers.conversation(next)!.messages.length > 1);
  });

  test('each message can be followed by its id through the logs of the API and the worker', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.say('Where is my parcel?', from);
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'On its way.' });
    await eventually('the end user has the answer', () => service.received(conversationId).includes('On its way.'));
    const { messages } = service.infobip.endUsers.conversation(conversationId)!;
    const asked = messages.findLast(({ direction }) => direction === 'INBOUND')!.id;
    const answered = (await service.deskCase(conversationId)).messages.findLast(({ from: who }) => who === 'agent')!.id;

    const hops = (id: string) =>
      [
        ...apiLines.map((line) => JSON.parse(line) as Record<string, unknown>),
        ...workerLines().map(({ fields }) => fields),
      ]
        .filter(({ messageIds }) => Array.isArray(messageIds) && messageIds.includes(id))
        .map(({ handoffId, route, call }) => [handoffId, route ?? call]);
    const handoffId = `handoff:${service.account}:${conversationId}`;
    const both = (id: string, route: string, call: string) =>
      eventually(`the log has ${route} and ${call}`, () => {
        const lines = hops(id);
        return [route, call].every((hop) => lines.some(([of, where]) => of === handoffId && where === hop));
      });
    await both(asked, '/webhooks/:account/platform{/:secret}', 'append');
    await both(answered, '/webhooks/:account/:contactCenter', 'send');
  });

  test('P9: is the same handoff when the bot calls twice', async () => {
    const { conversationId } = await service.handOff();
    const again = await service.bot.post('/v1/handoffs', { conversationId, account: service.account });
    expect(again.status).toBe(202);
    expect(again.data).toMatchObject({ status: 'existing' });
    await service.until(conversationId, 'waiting');
    expect(service.desk.cases().filter(({ key }) => key.includes(conversationId))).toHaveLength(1);
  });

  test('tells the bot what becomes of it when the bot waits', async () => {
    const { conversationId } = service.infobip.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
    const call = (id: string) =>
      service.bot.post(
        '/v1/handoffs',
        { conversationId: id, account: service.account },
        { headers: { prefer: 'wait=10' } },
      );
    const answer = await call(conversationId);
    expect([answer.status, answer.data.state]).toEqual([202, 'waiting']);
    const unknown = await call('no-such-conversation');
    expect([unknown.status, unknown.data.state]).toEqual([200, 'unavailable']);
    const view = await service.until('no-such-conversation', 'closed');
    expect(view).toMatchObject({ outcome: 'unavailable', detail: 'The platform has no such conversation.' });
    expect(service.desk.cases().filter(({ key }) => key.includes('no-such-conversation'))).toEqual([]);
  });

  test('hands over the latest 1,000 messages of a long history, oldest first', async () => {
    const past = Array.from({ length: 1_000 }, (_, i) => `message ${i + 1}`);
    const { conversationId } = await service.handOff({}, past);
    const { transcript } = await service.deskCase(conversationId);
    expect(transcript.entries.map(({ content }) => ('text' in content ? content.text : ''))).toEqual(past);
  });

  test('routes by tags and by what the call says, which comes first', async () => {
    const { conversationId } = await service.handOff({
      queue: 'Returns',
      priority: 'URGENT',
      language: 'hr',
      summary: 'A parcel\nis late',
    });
    expect(await service.deskCase(conversationId)).toMatchObject({
      queue: 'Returns',
      priority: 'URGENT',
      language: 'hr',
      subject: 'A parcel',
    });
    await eventually('the end user gets the text in Croatian', () =>
      /^Vaš sam razgovor/.test(service.received(conversationId)[0] ?? ''),
    );
  });

  test.each([
    ['de_AT', /^Ich habe/],
    ['no language at all', /^I have passed/],
  ])('speaks to an end user whose language the bot calls %p', async (language, first) => {
    const { conversationId } = await service.handOff({ language });
    await eventually('the end user is notified', () => first.test(service.received(conversationId)[0] ?? ''));
  });

  test.each(['a:b', 'a/b', '../../x', 'ключ 🗝', 'a#b', 'x'.repeat(190)])(
    'opens for the conversation id %p',
    async (id) => {
      const answer = await service.bot.post('/v1/handoffs', { conversationId: id, account: service.account });
      expect(answer.status).toBe(202);
      expect(await service.until(id, 'closed')).toMatchObject({ conversationId: id, outcome: 'unavailable' });
    },
  );
});

describe('a handoff ends', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ account: { endKeywords: ['/end', 'stop'] } });
  });
  afterAll(() => service.stop());

  test('by the end user, whose last word the agent still reads', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.say('Stop', from);
    expect(await service.until(conversationId, 'closed')).toMatchObject({
      outcome: 'ended-by-user',
      relayed: { inbound: 1 },
    });
    expect(await service.deskCase(conversationId)).toMatchObject({ status: 'closed' });
    expect(service.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
  });

  test('by an operator, once', async () => {
    const { conversationId } = await service.handOff();
    const { handoffId } = await service.until(conversationId, 'waiting');
    const url = `/v1/handoffs/${encodeURIComponent(handoffId)}/close`;
    service.infobip.faults.set({
      api: { next: [{ match: 'PATCH ', answer: 503, retryAfter: 1, delayMs: 0, times: 1 }] },
    });
    expect((await service.operator.post(url, {})).data).toMatchObject({ state: 'closing', outcome: 'cancelled' });
    expect((await service.operator.post(url, {})).status).toBe(409);
    await service.until(conversationId, 'closed');
    expect(await service.deskCase(conversationId)).toMatchObject({ status: 'closed' });
    expect((await service.operator.post(url, {})).status).toBe(404);
  });

  test('P15: when its workflow is cancelled, with both sides closed all the same', async () => {
    const { conversationId } = await service.handOff();
    const { handoffId } = await service.until(conversationId, 'waiting');
    await service.client.workflow.getHandle(handoffId).cancel();
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'cancelled' });
    expect(service.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
    expect(await service.deskCase(conversationId)).toMatchObject({ status: 'closed' });
  });

  test('P11: as unavailable when no agents are there, and the bot is in charge again', async () => {
    await service.deskControl('availability', { available: false });
    const { conversationId } = await service.handOff();
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'unavailable' });
    await service.deskControl('availability', { available: true });
    expect(service.desk.cases().some(({ key }) => key.includes(conversationId))).toBe(false);
    expect(service.received(conversationId)).toEqual([expect.stringContaining('no agent can be reached')]);
    expect(service.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
  });

  test('as closed-elsewhere when someone closes the conversation at the platform', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await service.platformCall('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'CLOSED' });
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'closed-elsewhere' });
    expect(await service.deskCase(conversationId)).toMatchObject({ status: 'closed' });
  });
});

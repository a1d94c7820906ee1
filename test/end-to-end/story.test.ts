import { eventually } from '../support/eventually';
import { startLayer, type Layer } from '../support/layer';

describe('a handoff, end to end', () => {
  let layer: Layer;
  beforeAll(async () => {
    layer = await startLayer();
  });
  afterAll(() => layer.stop());

  test('goes from the bot to an agent and back: history, messages both ways, case closed, conversation closed, bot again', async () => {
    const say = (text: string, from: string) => layer.say(text, from);
    const conversationId = say('Hello', 'CHAT-story');
    await eventually('the bot answers', () => layer.infobip.endUsers.conversation(conversationId)!.messages.length > 1);
    say('I want a person', 'CHAT-story');

    const opened = await layer.deskCase(conversationId);
    const told = opened.transcript.entries.map(
      ({ author, content }) => `${author}: ${'text' in content ? content.text : ''}`,
    );
    expect(told[0]).toBe('end-user: Hello');
    expect(told[1]).toMatch(/^bot: /);
    expect(told).toContain('end-user: I want a person');
    await layer.until(conversationId, 'waiting');

    say('Are you there?', 'CHAT-story');
    await eventually('the agent has the message', async () =>
      (await layer.deskCase(conversationId)).messages.some(
        ({ content }) => 'text' in content && content.text === 'Are you there?',
      ),
    );
    await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'Yes, I am Ana.' });
    await layer.agent(conversationId, 'notes', { text: 'Seems to be a regular.' });
    await eventually('the end user has the answer', () => layer.received(conversationId).includes('Yes, I am Ana.'));
    expect(await layer.view(conversationId)).toMatchObject({
      state: 'connected',
      representative: 'HUMAN',
      agent: { name: 'Ana' },
    });

    await layer.agent(conversationId, 'close');
    const view = await layer.until(conversationId, 'closed');
    expect(view).toMatchObject({
      outcome: 'resolved',
      pending: 0,
      undelivered: 0,
      relayed: { inbound: 1, outbound: 1 },
    });
    expect(layer.received(conversationId)).toEqual([
      'I have passed your conversation on to our team. An agent will answer you here.',
      'Ana has joined the conversation.',
      'Yes, I am Ana.',
      'The agent has closed this conversation. Write again any time and our assistant will help you.',
    ]);
    const closed = layer.infobip.endUsers.conversation(conversationId)!;
    expect(closed).toMatchObject({ status: 'CLOSED', tags: expect.arrayContaining(['durable_handoff']) });
    expect(closed.metadata).toMatchObject({ handoffId: view.handoffId, handoffCase: opened.id });

    const next = say('Hello again', 'CHAT-story');
    expect(next).not.toBe(conversationId);
    await eventually(
      'the bot hears its customer again',
      () => layer.infobip.endUsers.conversation(next)!.messages.length > 1,
    );
  });

  test('is the same handoff when the bot calls twice', async () => {
    const { conversationId } = await layer.handOff();
    const again = await layer.bot.post('/v1/handoffs', { conversationId, account: layer.account });
    expect(again.status).toBe(202);
    expect(again.data).toMatchObject({ status: 'existing' });
    await layer.until(conversationId, 'waiting');
    expect(layer.desk.cases().filter(({ key }) => key.includes(conversationId))).toHaveLength(1);
  });

  test('tells the bot what becomes of it when the bot waits', async () => {
    const { conversationId } = layer.infobip.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'deaf' });
    const call = (id: string) =>
      layer.bot.post(
        '/v1/handoffs',
        { conversationId: id, account: layer.account },
        { headers: { prefer: 'wait=10' } },
      );
    const answer = await call(conversationId);
    expect([answer.status, answer.data.verdict]).toEqual([202, 'waiting']);
    const unknown = await call('no-such-conversation');
    expect([unknown.status, unknown.data.verdict]).toEqual([200, 'unavailable']);
    const view = await layer.until('no-such-conversation', 'closed');
    expect(view).toMatchObject({ outcome: 'unavailable', detail: 'The platform knows no such conversation.' });
    expect(layer.desk.cases().filter(({ key }) => key.includes('no-such-conversation'))).toEqual([]);
  });

  test('hands over the latest 1,000 messages of a long history, oldest first', async () => {
    const past = Array.from({ length: 1_000 }, (_, i) => `message ${i + 1}`);
    const { conversationId } = await layer.handOff({}, past);
    const { transcript } = await layer.deskCase(conversationId);
    expect(transcript.entries.map(({ content }) => ('text' in content ? content.text : ''))).toEqual(past);
  });

  test('routes by tags and by what the call says, which comes first', async () => {
    const { conversationId } = await layer.handOff({
      queue: 'Returns',
      priority: 'URGENT',
      language: 'hr',
      summary: 'A parcel\nis late',
    });
    expect(await layer.deskCase(conversationId)).toMatchObject({
      queue: 'Returns',
      priority: 'URGENT',
      language: 'hr',
      subject: 'A parcel',
    });
    await eventually('the end user is told in Croatian', () =>
      /^Vaš sam razgovor/.test(layer.received(conversationId)[0] ?? ''),
    );
  });

  test.each([
    ['de_AT', /^Ich habe/],
    ['no language at all', /^I have passed/],
  ])('speaks to an end user whose language the bot calls %p', async (language, first) => {
    const { conversationId } = await layer.handOff({ language });
    await eventually('the end user is told', () => first.test(layer.received(conversationId)[0] ?? ''));
  });

  test.each(['a:b', 'a/b', '../../x', 'ключ 🗝', 'a#b', 'x'.repeat(190)])(
    'opens for the conversation id %p',
    async (id) => {
      const answer = await layer.bot.post('/v1/handoffs', { conversationId: id, account: layer.account });
      expect(answer.status).toBe(202);
      expect(await layer.until(id, 'closed')).toMatchObject({ conversationId: id, outcome: 'unavailable' });
    },
  );
});

describe('a handoff ends', () => {
  let layer: Layer;
  beforeAll(async () => {
    layer = await startLayer({ account: { endKeywords: ['/end', 'stop'] } });
  });
  afterAll(() => layer.stop());

  test('by the end user, whose last word the agent still reads', async () => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    layer.say('Stop', from);
    expect(await layer.until(conversationId, 'closed')).toMatchObject({
      outcome: 'ended-by-user',
      relayed: { inbound: 1 },
    });
    expect(await layer.deskCase(conversationId)).toMatchObject({ status: 'closed' });
    expect(layer.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
  });

  test('by an operator, once', async () => {
    const { conversationId } = await layer.handOff();
    const { handoffId } = await layer.until(conversationId, 'waiting');
    const url = `/v1/handoffs/${encodeURIComponent(handoffId)}/close`;
    layer.infobip.faults.set({
      api: { next: [{ match: 'PATCH ', answer: 503, retryAfter: 1, delayMs: 0, times: 1 }] },
    });
    expect((await layer.operator.post(url, {})).data).toMatchObject({ state: 'closing', outcome: 'cancelled' });
    expect((await layer.operator.post(url, {})).status).toBe(409);
    await layer.until(conversationId, 'closed');
    expect(await layer.deskCase(conversationId)).toMatchObject({ status: 'closed' });
    expect((await layer.operator.post(url, {})).status).toBe(404);
  });

  test('when its workflow is cancelled, with both sides closed all the same', async () => {
    const { conversationId } = await layer.handOff();
    const { handoffId } = await layer.until(conversationId, 'waiting');
    await layer.client.workflow.getHandle(handoffId).cancel();
    expect(await layer.until(conversationId, 'closed')).toMatchObject({ outcome: 'cancelled' });
    expect(layer.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
    expect(await layer.deskCase(conversationId)).toMatchObject({ status: 'closed' });
  });

  test('as unavailable when no agents are there, and the bot has its customer back', async () => {
    await layer.deskControl('availability', { available: false });
    const { conversationId } = await layer.handOff();
    expect(await layer.until(conversationId, 'closed')).toMatchObject({ outcome: 'unavailable' });
    await layer.deskControl('availability', { available: true });
    expect(layer.desk.cases().some(({ key }) => key.includes(conversationId))).toBe(false);
    expect(layer.received(conversationId)).toEqual([expect.stringContaining('no agent can be reached')]);
    expect(layer.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
  });

  test('as closed-elsewhere when someone closes the conversation at the platform', async () => {
    const { conversationId } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    await layer.platformCall('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'CLOSED' });
    expect(await layer.until(conversationId, 'closed')).toMatchObject({ outcome: 'closed-elsewhere' });
    expect(await layer.deskCase(conversationId)).toMatchObject({ status: 'closed' });
  });
});

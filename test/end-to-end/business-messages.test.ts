import { startBusinessService, type BusinessService } from '../support/business-service';
import { MESSAGE, messageLike, TYPING } from '../support/business-messages-examples';
import { eventually } from '../support/eventually';

const JANE = { name: 'Jane Doe', avatarUrl: 'https://live.agent/human-avatar.jpg' };
const BOT_REPRESENTATIVE = {
  avatarImage: 'https://live.agent/bot-avatar.jpg',
  displayName: 'Hello World Agent',
  representativeType: 'BOT',
};
const HUMAN_REPRESENTATIVE = {
  avatarImage: 'https://live.agent/human-avatar.jpg',
  displayName: 'Jane Doe',
  representativeType: 'HUMAN',
};
const WAITING = "Thanks for contacting us. I'll pass this along when a live agent is available to chat with you.";
const GOODBYE = 'The agent has closed this conversation. Write again any time and our assistant will help you.';

let service: BusinessService;
beforeAll(async () => {
  service = await startBusinessService({
    account: {
      texts: { languages: { en: { waiting: WAITING } } },
      routing: [
        { when: { language: 'de' }, to: 'desk', queue: 'German' },
        { when: { attributes: { entryPoint: 'PLACESHEET' } }, to: 'desk', queue: 'Maps' },
        { to: 'desk', queue: 'Others' },
      ],
    },
  });
});
afterAll(() => service.stop());
afterEach(() => {
  expect(service.breaches()).toEqual([]);
});

describe('a handoff on Business Messages', () => {
  test('goes as published: the bot, an agent who joins, speaks and leaves, and the bot again', async () => {
    const id = service.begin({ conversationId: '3333', text: 'Hi, I have a problem' });
    expect((await service.post(TYPING)).status).toBe(200);
    expect((await service.post(MESSAGE)).status).toBe(200);
    await service.until(id, 'waiting');
    await service.untilShown(id, `BOT Hello World Agent: ${WAITING}`);
    expect(await service.deskCase(id)).toMatchObject({
      queue: 'Maps',
      language: 'en',
      customer: { id: '3333', name: 'Michael' },
      attributes: { entryPoint: 'PLACESHEET' },
      transcript: {
        entries: [{ id: '4444', author: 'end-user', content: { kind: 'text', text: 'Hi, I have a problem' } }],
      },
    });

    await service.agent(id, 'messages', { agent: JANE, text: 'I see you have a problem. How can I help?' });
    await service.untilShown(id, 'HUMAN Jane Doe: I see you have a problem. How can I help?');
    await service.post(TYPING);
    await service.post(MESSAGE);
    await service.post(messageLike('5', 'My parcel is late'));
    await service.untilInCase(id, 'Michael: My parcel is late');
    expect(await service.inCase(id)).toEqual(['Michael: My parcel is late']);
    await service.agent(id, 'messages', { agent: JANE, text: 'It is on its way.' });
    await service.agent(id, 'close');
    expect(await service.until(id, 'closed')).toMatchObject({
      outcome: 'resolved',
      representative: 'BOT',
      undelivered: 0,
      relayed: { inbound: 1, outbound: 2 },
    });
    expect(service.heard(id).map(({ body }) => body)).toEqual([TYPING, MESSAGE]);

    await service.post(messageLike('6', 'Hello again'));
    const reply = 'BOT Hello World Agent: Hello! What can I do for you?';
    await service.untilShown(id, reply);
    const fromWaitingOn = service.shown(id).slice(2);
    expect(fromWaitingOn).toEqual([
      'JOINED Jane Doe',
      'HUMAN Jane Doe: I see you have a problem. How can I help?',
      'HUMAN Jane Doe: It is on its way.',
      'LEFT Jane Doe',
      `BOT Hello World Agent: ${GOODBYE}`,
      reply,
    ]);
    const representatives = service.entries(id).flatMap((entry) => ('representative' in entry ? [entry] : []));
    for (const { representative } of representatives) {
      const isHuman = representative.representativeType === 'HUMAN';
      expect(representative).toEqual(isHuman ? HUMAN_REPRESENTATIVE : BOT_REPRESENTATIVE);
    }
  });

  test('frames each of several agents, also across a transfer', async () => {
    const id = await service.handOff();
    const ben = { id: 'b', name: 'Ben' };
    await service.agent(id, 'join', { agent: JANE });
    await service.agent(id, 'messages', { agent: JANE, text: 'One moment.' });
    await service.agent(id, 'transfer', { to: 'Returns' });
    await service.agent(id, 'join', { agent: ben });
    await service.agent(id, 'messages', { agent: ben, text: 'Ben here.' });
    await service.agent(id, 'messages', { agent: JANE, text: 'And me again.' });
    await service.agent(id, 'leave', { agent: ben });
    await service.agent(id, 'messages', { agent: ben, text: 'Back.' });
    await service.agent(id, 'close');
    await service.until(id, 'closed');
    expect(service.shown(id)).toEqual([
      `BOT Hello World Agent: ${WAITING}`,
      'JOINED Jane Doe',
      'HUMAN Jane Doe: One moment.',
      'LEFT Jane Doe',
      'JOINED Ben',
      'HUMAN Ben: Ben here.',
      'LEFT Ben',
      'JOINED Jane Doe',
      'HUMAN Jane Doe: And me again.',
      'LEFT Jane Doe',
      'JOINED Ben',
      'HUMAN Ben: Back.',
      'LEFT Ben',
      `BOT Hello World Agent: ${GOODBYE}`,
    ]);
  });

  test('asks for a rating once the agent has left, where the settings say so', async () => {
    const asking = await startBusinessService({ platform: { surveyAfterClose: true } });
    try {
      const id = await asking.handOff();
      await asking.agent(id, 'messages', { agent: JANE, text: 'Done.' });
      await asking.agent(id, 'close');
      await asking.until(id, 'closed');
      expect(asking.shown(id).slice(-3)).toEqual(['LEFT Jane Doe', `BOT Hello World Agent: ${GOODBYE}`, 'survey']);
    } finally {
      await asking.stop();
    }
  });
});

describe('a handoff starts', () => {
  const shown = async (id: string) => {
    const { entries, gap } = (await service.deskCase(id)).transcript;
    return { lines: entries.map(({ author, content }) => `${author}: ${'text' in content && content.text}`), gap };
  };

  test('with the history the bot passes along, in its order', async () => {
    const history = [
      { id: 'm1', author: 'end-user', at: '2026-01-01T10:00:00.123456789Z', text: 'Where is my parcel?' },
      { author: 'bot', at: '2026-01-01T11:00:01+01:00', text: 'Which one?' },
      { author: 'end-user', at: '2026-01-01T10:00:00Z', text: 'The blue one' },
    ];
    const id = await service.handOff({ history });
    expect(await shown(id)).toEqual({
      lines: ['end-user: Where is my parcel?', 'bot: Which one?', 'end-user: The blue one'],
      gap: undefined,
    });
    await service.post(messageLike('m1', 'Where is my parcel?', { conversationId: id }));
    await service.post(messageLike('m2', 'Hello?', { conversationId: id }));
    await service.untilInCase(id, 'Michael: Hello?');
    expect(await service.inCase(id)).toEqual(['Michael: Hello?']);
  });

  test('with a line on what it lacks where the bot passes nothing along', async () => {
    expect(await shown(await service.handOff())).toEqual({ lines: [], gap: 'not-readable' });
  });

  test('not at all with a mistake in the history: the answer says where it is', async () => {
    const conversationId = service.begin();
    const entry = { author: 'bot', at: '2026-01-01T10:00:00Z', text: 'Hello' };
    const history = [entry, { ...entry, at: 'noon' }, { ...entry, author: 'ghost' }, { author: 'bot', at: entry.at }];
    const answer = await service.bot.post('/v1/handoffs', { conversationId, account: service.account, history });
    expect(answer.status).toBe(400);
    const paths = (answer.data as { errors: { path: string }[] }).errors.map(({ path }) => path);
    expect(paths).toEqual(['history[1].at', 'history[2].author', 'history[3].text']);
    expect((await service.view(conversationId)) as unknown).toMatchObject({ status: 404 });
  });

  test('by the end user’s tap on the suggestion, routed by what its context tells', async () => {
    const english = service.begin();
    const german = service.begin({ locale: 'de-AT' });
    for (const id of [english, german]) service.simulator.endUsers.requestLiveAgent(id);
    await service.until(english, 'waiting');
    await service.until(german, 'waiting');
    expect(await service.deskCase(english)).toMatchObject({
      queue: 'Maps',
      language: 'en',
      customer: { id: english, name: 'Michael', language: 'en' },
      attributes: { entryPoint: 'PLACESHEET', locale: 'en', deviceLocale: 'en', customAgentId: 'live-agent-handoff' },
      transcript: { entries: [], gap: 'not-readable' },
    });
    expect(await service.deskCase(german)).toMatchObject({ queue: 'German', language: 'de-AT' });
    await eventually('the end user gets the text in German', () =>
      /^BOT .*: Ich habe Ihr/.test(service.shown(german)[0] ?? ''),
    );
    expect(service.heard(english)).toEqual([]);
  });

  test('by a tap without context too, and then each message tells its author', async () => {
    const id = service.begin();
    const userStatus = { requestedLiveAgent: true, createTime: '2026-01-01T10:00:00Z' };
    const tap = { conversationId: id, requestId: 'r-tap', userStatus, sendTime: userStatus.createTime };
    expect((await service.post(tap)).status).toBe(200);
    await service.until(id, 'waiting');
    expect(await service.deskCase(id)).toMatchObject({
      queue: 'Others',
      customer: { id },
      subject: 'Chat with an end user',
    });
    service.write('Is anybody there?', id);
    await service.untilInCase(id, 'Michael: Is anybody there?');
  });

  test('P18: again: an agent who goes on in the case before learns that nobody reads it, and is not heard', async () => {
    const id = await service.handOff();
    const before = await service.deskCase(id);
    await service.agent(id, 'messages', { agent: JANE, text: 'In time.' });
    await service.agent(id, 'close');
    await service.until(id, 'closed');
    await service.handOff({}, id);
    await eventually('the next has its case', async () => (await service.deskCase(id)).id !== before.id);
    const note = () =>
      service.desk
        .cases()
        .find(({ key }) => key === before.key)!
        .notes.map(({ text }) => text);
    expect(note()).toEqual([]);
    await service.deskControl(`cases/${before.id}/reopen`, {});
    await service.deskControl(`cases/${before.id}/messages`, { agent: JANE, text: 'One more thing.' });
    await eventually('a note says so', () => note().some((text) => text.includes('does not reach them')));
    expect(service.shown(id).join()).not.toContain('One more thing.');
    expect((await service.view(id)).state).toBe('waiting');
  });

  test('once, where the tap and the bot’s call both ask for it', async () => {
    const id = await service.handOff();
    service.simulator.endUsers.requestLiveAgent(id);
    await eventually('the tap has arrived', async () => (await service.counted('handoff-existing')) >= 1);
    const again = await service.bot.post('/v1/handoffs', { conversationId: id, account: service.account });
    expect(again.data).toMatchObject({ status: 'existing' });
    expect(service.desk.cases().filter(({ key }) => key.includes(id))).toHaveLength(1);
  });
});

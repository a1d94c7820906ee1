import { eventually } from '../support/eventually';
import { freePort } from '../../sandbox/launch/ports';
import { SECRETS } from '../support/core';
import { startService, type Service } from '../support/service';

/** Two contact centers of one rule: the first is down, or nobody there answers. */
describe('a rule with several contact centers', () => {
  let service: Service;
  const start = async (first: string, acceptWithin: string) => {
    const down = { kind: 'custom', baseUrl: `http://127.0.0.1:${await freePort()}`, secret: SECRETS.desk };
    service = await startService({
      contactCenters: { down },
      account: {
        routing: [{ to: [first, first === 'down' ? 'desk' : 'down'] }],
        timers: { acceptWithin, openWithin: '6s' },
      },
    });
  };
  afterEach(() => service.stop());

  const casesOf = (conversationId: string) => service.desk.cases().filter(({ key }) => key.includes(conversationId));

  test('P39: hands over to the second where the first is down, with the whole transcript', async () => {
    await start('down', '3s');
    const { conversationId, from } = await service.handOff({}, ['Hello', 'I have a question']);
    service.say('Is anybody there?', from);
    await service.until(conversationId, 'waiting');
    const [only] = casesOf(conversationId);
    const transcript = only!.transcript.entries.map(({ content }) => ('text' in content ? content.text : ''));
    expect(transcript).toEqual(['Hello', 'I have a question', 'Is anybody there?']);
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'Yes, here I am' });
    await eventually('the answer is there', () => service.received(conversationId).includes('Yes, here I am'));
    expect(await service.view(conversationId)).toMatchObject({
      state: 'connected',
      contactCenter: 'desk',
      cases: [
        { contactCenter: 'down', status: 'failed' },
        { contactCenter: 'desk', status: 'open' },
      ],
    });
    await service.agent(conversationId, 'close');
    // The conversation is given back although the one that is down may have a case, which is still looked for.
    await eventually('the bot has it back', () => {
      return service.infobip.endUsers.conversation(conversationId)?.status === 'CLOSED';
    });
  });

  test('P39: stays in the first where nobody answers there and the second does not take the case', async () => {
    await start('desk', '2s');
    const { conversationId } = await service.handOff({}, ['Hello']);
    await service.until(conversationId, 'waiting');
    await eventually(
      'the agents learn that nobody else takes it',
      () => casesOf(conversationId)[0]!.notes.some(({ text }) => text.startsWith('The transfer to down failed')),
      { withinMs: 60_000 },
    );
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'Sorry for the wait' });
    await eventually('the answer is there', () => service.received(conversationId).includes('Sorry for the wait'));
    await service.agent(conversationId, 'close');
    await eventually('the bot has it back', () => {
      return service.infobip.endUsers.conversation(conversationId)?.status === 'CLOSED';
    });
  });
});

import type { Platform } from '../../../connectors/platform';
import { startSimulator } from './setup';

const CONVERSATION = '3333';
const JANE = { name: 'Jane Doe', avatarUrl: 'https://live.agent/refused.svg' };
const MARKO = { name: 'Marko', avatarUrl: 'https://live.agent/marko.jpg' };

let running: Awaited<ReturnType<typeof startSimulator>>;
let platform: Platform;

beforeEach(async () => {
  running = await startSimulator();
  ({ platform } = running);
  running.simulator.endUsers.write({ conversationId: CONVERSATION, text: 'Hi' });
  running.simulator.faults.set({ refusedAvatars: 'refused' });
});
afterEach(() => running.close());

const say = (messageId: string, agent: typeof JANE, text = 'How can I help?') =>
  platform.send({
    conversationId: CONVERSATION,
    messageId,
    representative: { type: 'HUMAN', agent },
    content: { kind: 'text', text },
  });
const timeline = () => running.simulator.endUsers.conversation(CONVERSATION).timeline.slice(1);
const requests = () => running.simulator.journal.since().filter(({ kind }) => kind === 'request').length;

test('an agent whose picture is refused joins, types, speaks and leaves without it', async () => {
  const event = { conversationId: CONVERSATION, agent: JANE };
  await platform.representatives!.joined({ ...event, eventId: 'joined' });
  await platform.presence!.show(CONVERSATION, { type: 'typing', caseKey: 'k', agent: JANE });
  await say('1', JANE);
  await platform.representatives!.left({ ...event, eventId: 'left' });
  const shown = { displayName: 'Jane Doe', representativeType: 'HUMAN' };
  expect(timeline().map((entry) => 'representative' in entry && entry.representative)).toEqual(Array(4).fill(shown));
});

test('a picture that was refused is not tried with every message, and all others are shown', async () => {
  await platform.representatives!.joined({ conversationId: CONVERSATION, agent: JANE, eventId: '1' });
  expect(requests()).toBe(2);
  await say('1', JANE);
  await platform.representatives!.left({ conversationId: CONVERSATION, agent: JANE, eventId: '2' });
  expect(requests()).toBe(4);
  await platform.representatives!.joined({ conversationId: CONVERSATION, agent: MARKO, eventId: '3' });
  expect(timeline().at(-1)).toMatchObject({ representative: { avatarImage: MARKO.avatarUrl } });
});

test('what is refused without the picture as well is rejected, and the picture is shown from then on', async () => {
  await platform.representatives!.joined({ conversationId: CONVERSATION, agent: MARKO, eventId: '1' });
  await expect(say('1', MARKO, '')).rejects.toMatchObject({ kind: 'rejected' });
  await say('2', MARKO);
  expect(timeline().at(-1)).toMatchObject({ representative: { avatarImage: MARKO.avatarUrl } });
});

test("the bot's own picture is no reason to lose a text either", async () => {
  running.simulator.faults.set({ refusedAvatars: '.' });
  const content = { kind: 'text', text: 'One moment' } as const;
  await platform.send({ conversationId: CONVERSATION, messageId: '1', representative: { type: 'BOT' }, content });
  expect(timeline()).toMatchObject([{ text: 'One moment' }]);
});

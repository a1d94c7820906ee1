import { handoffId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { startLayer, type Layer } from '../support/layer';

describe('a very long conversation', () => {
  let layer: Layer;
  beforeAll(async () => {
    // All of it fits into one look-back of a reconciliation: as often as other tests ask for, it would be the whole load.
    layer = await startLayer({ account: { watch: { reconcileEvery: '60s' } } });
  });
  afterAll(() => layer.stop());

  test('of 3,000 relayed messages continues as new and keeps their order', async () => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    const handle = layer.client.workflow.getHandle(handoffId({ account: layer.account, conversationId }));
    const firstRun = (await handle.describe()).runId;
    const questions = Array.from({ length: 1_500 }, (_, i) => `question ${i + 1}`);
    const answers = Array.from({ length: 1_500 }, (_, i) => `answer ${i + 1}`);
    // A few at a time, as fast as the slower side gets on: what piles up would be appended in few large batches.
    for (let i = 0; i < questions.length; i += 5) {
      for (const text of questions.slice(i, i + 5)) layer.say(text, from);
      for (const text of answers.slice(i, i + 5)) {
        await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
      }
    }
    await eventually(
      'all are relayed',
      async () => {
        const { relayed } = await layer.view(conversationId);
        return relayed.inbound === 1_500 && relayed.outbound === 1_500;
      },
      // Each look is a query, and so a task of the very workflow that is looked at.
      { withinMs: 240_000, everyMs: 2_000 },
    );
    const { messages } = await layer.deskCase(conversationId);
    const asked = messages.flatMap(({ from, content }) =>
      from === 'end-user' && 'text' in content ? [content.text] : [],
    );
    expect(asked).toEqual(questions);
    expect(layer.received(conversationId).filter((text) => text.startsWith('answer'))).toEqual(answers);
    expect((await handle.describe()).runId).not.toBe(firstRun);
    await layer.agent(conversationId, 'close');
    expect(await layer.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
  }, 300_000);
});

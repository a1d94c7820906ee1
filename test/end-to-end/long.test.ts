import { handoffId } from '../../domain/ids';
import { textsOf } from '../support/core';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';

describe('a very long conversation', () => {
  let service: Service;
  beforeAll(async () => {
    // All of it fits into one reconciliation: as often as other tests ask for, it would be the whole load.
    service = await startService({ account: { watch: { reconcileEvery: '60s' } } });
  });
  afterAll(() => service.stop());

  test('P25: of 800 relayed messages continues as new and keeps their order', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const handle = service.client.workflow.getHandle(handoffId({ account: service.account, conversationId }));
    const firstRun = (await handle.describe()).runId;
    const questions = Array.from({ length: 400 }, (_, i) => `question ${i + 1}`);
    const answers = Array.from({ length: 400 }, (_, i) => `answer ${i + 1}`);
    // A few at a time, as fast as the slower side gets on: what piles up would be appended in few large batches.
    for (let i = 0; i < questions.length; i += 5) {
      for (const text of questions.slice(i, i + 5)) service.say(text, from);
      for (const text of answers.slice(i, i + 5)) {
        await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
      }
    }
    await eventually(
      'all are relayed',
      async () => {
        const { relayed } = await service.view(conversationId);
        return relayed.inbound === 400 && relayed.outbound === 400;
      },
      // Each poll is a query, and so a task of the very workflow that is polled.
      { withinMs: 240_000, everyMs: 2_000 },
    );
    expect(textsOf(await service.deskCase(conversationId))).toEqual(questions);
    expect(service.received(conversationId).filter((text) => text.startsWith('answer'))).toEqual(answers);
    expect((await handle.describe()).runId).not.toBe(firstRun);
    await service.agent(conversationId, 'close');
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
  }, 300_000);
});

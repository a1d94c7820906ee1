import { WORKFLOWS } from '../../domain/contract';
import { handoffId } from '../../domain/ids';
import { textsOf } from '../support/core';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';

/** No size of what arrives grows a handoff beyond what Temporal takes. */
describe('whatever its size', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  afterEach(() => {
    service.infobip.faults.clear();
    service.desk.faults.clear();
  });

  const inCase = async (conversationId: string) => textsOf(await service.deskCase(conversationId));

  test('P25, P31: 320 long messages while the desk is down arrive, all and in order, over several runs', async () => {
    const from = 'CHAT-long-outage';
    const { conversationId } = service.infobip.endUsers.addConversation({
      from,
      messages: [{ text: 'Hi' }],
      bot: 'paused',
    });
    const input = service.input(conversationId);
    input.settings.maxHistoryEvents = 300;
    const workflowId = handoffId(input);
    const { firstExecutionRunId } = await service.client.workflow.start(WORKFLOWS.handoff, {
      workflowId,
      taskQueue: service.taskQueue,
      args: [input],
    });
    await service.until(conversationId, 'waiting');
    service.desk.faults.set({ api: { next: [{ match: '/messages$', answer: 503, times: 'always', delayMs: 0 }] } });
    const texts = Array.from({ length: 320 }, (_, i) => `${i} ${'語'.repeat(4_000)}`);
    for (const [i, text] of texts.entries()) {
      service.say(text, from);
      if (i % 20 === 19)
        await eventually('they are taken', async () => (await service.view(conversationId)).pending > i);
    }
    await eventually('a new run has begun', async () => {
      const { runId } = await service.client.workflow.getHandle(workflowId).describe();
      return runId !== firstExecutionRunId;
    });
    service.desk.faults.clear();
    await eventually('all have arrived', async () => (await inCase(conversationId)).length >= texts.length, {
      withinMs: 150_000,
    });
    expect((await inCase(conversationId)).map((text) => text.split(' ')[0])).toEqual(texts.map((_, i) => `${i}`));
    await service.agent(conversationId, 'close');
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
  }, 300_000);

  const letter = (i: number) => String.fromCharCode(97 + i);

  test('twelve large messages from an agent arrive, split as the channel needs it', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    for (let i = 0; i < 12; i++) {
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: letter(i).repeat(60_000) });
    }
    await eventually('all have arrived', async () => (await service.view(conversationId)).relayed.outbound === 12, {
      withinMs: 90_000,
    });
    const all = service
      .received(conversationId)
      .filter((text) => /^(.)\1*$/.test(text))
      .join('');
    expect(all).toBe(Array.from({ length: 12 }, (_, i) => letter(i).repeat(60_000)).join(''));
  }, 120_000);

  test('a message too large to be carried is reported to its sender, and those after it arrive', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'x'.repeat(100_000) });
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'after it' });
    await eventually('the next arrives', () => service.received(conversationId).includes('after it'));
    const view = await service.view(conversationId);
    expect(view.messages[0]).toMatchObject({ deliveryStatus: 'undeliverable', reason: 'too-large' });
    await eventually('its sender learns it', async () =>
      (await service.deskCase(conversationId)).notes.some(({ text }) => text.includes('too large')),
    );
  });

  test('metadata of many kilobytes cannot end a handoff', async () => {
    const { conversationId } = service.infobip.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
    const url = `/ccaas/1/conversations/${conversationId}/metadata`;
    await service.platformCall('PATCH', url, { queue: 'q'.repeat(3_000) });
    await service.bot.post('/v1/handoffs', { conversationId, account: service.account });
    await service.until(conversationId, 'waiting');
    expect((await service.deskCase(conversationId)).queue).toHaveLength(200);
  });
});

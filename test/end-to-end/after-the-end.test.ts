import { handoffId, watchId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';

/** What comes around the end of a handoff, or when Temporal itself has ended it. */
describe('around the end', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ account: { janitor: { every: '10s' } } });
  });
  afterAll(() => service.stop());
  afterEach(() => {
    service.infobip.faults.clear();
    service.desk.faults.clear();
  });

  const handle = (conversationId: string) =>
    service.client.workflow.getHandle(handoffId({ account: service.account, conversationId }));

  test('P18: an agent who writes after it learns that nobody reads it', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await service.agent(conversationId, 'close');
    // Before that, its workflow would say it in other words.
    await handle(conversationId).result();
    await service.agent(conversationId, 'reopen');
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'Are you still there?' });
    await eventually('a note says so', async () =>
      (await service.deskCase(conversationId)).notes.some(({ text }) => text.includes('does not reach them')),
    );
  });

  test('P13: a call of the bot while a handoff is closing begins the next one after it', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.desk.faults.set({ api: { next: [{ match: '/close$', answer: 503, times: 'always', delayMs: 0 }] } });
    await service.operator.post(`/v1/handoffs/${encodeURIComponent(handle(conversationId).workflowId)}/close`, {});
    await service.until(conversationId, 'closing');
    await eventually('the conversation is closed', () => {
      return service.infobip.endUsers.conversation(conversationId)?.status === 'CLOSED';
    });
    const { status, data } = await service.bot.post<{ status: string }>('/v1/handoffs', {
      conversationId,
      account: service.account,
    });
    expect([status, data.status]).toEqual([202, 'accepted']);
    service.desk.faults.clear();
    const next = await eventually('the next has its own beginning', async () => {
      const view = await service.view(conversationId);
      return view.outcome === 'closed-elsewhere' || view.outcome === undefined ? view : undefined;
    });
    // This conversation is closed for good, as the next handoff finds out for itself.
    expect(['opening', 'closing', 'closed']).toContain(next.state);
  });

  test('P26: a handoff that Temporal terminated shows as failed, and the janitor gives its conversation back', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await handle(conversationId).terminate('an operator’s mistake');
    expect(await service.view(conversationId)).toMatchObject({ state: 'failed' });
    const sweep = await service.client.workflow.execute('janitor', {
      workflowId: `janitor-of-a-test-${service.account}`,
      taskQueue: service.taskQueue,
      args: [{ account: service.account }],
    });
    expect(sweep).toMatchObject({ closedConversations: 1, closedCases: 1 });
    expect(service.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED', bot: 'listening' });
    expect((await service.deskCase(conversationId)).status).toBe('closed');
  });

  test('P26: one that was terminated before it had a case is found, although nothing is marked', async () => {
    service.desk.faults.set({ api: { next: [{ match: '/cases', answer: 503, times: 'always', delayMs: 0 }] } });
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'opening');
    await handle(conversationId).terminate('an operator’s mistake');
    await eventually('the janitor has closed it', async () => {
      await service.client.workflow.execute('janitor', {
        workflowId: `janitor-of-openings-${service.account}`,
        taskQueue: service.taskQueue,
        args: [{ account: service.account }],
      });
      return service.infobip.endUsers.conversation(conversationId)?.status === 'CLOSED';
    });
  });

  test('P27: watches that are gone are started again by the janitor, and miss nothing in between', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    for (const connection of ['platform', 'desk']) {
      await service.client.workflow.getHandle(watchId(service.account, connection)).terminate();
    }
    service.infobip.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    service.desk.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    service.say('unheard', from);
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'unseen' });
    await eventually('visibility shows the handoff', async () => {
      const report = await service.client.workflow.execute('janitor', {
        workflowId: `janitor-for-watches-${service.account}`,
        taskQueue: service.taskQueue,
        args: [{ account: service.account }],
      });
      return (report as { registered: number }).registered >= 2 ? true : undefined;
    });
    await eventually('both messages are found', async () => {
      const { relayed } = await service.view(conversationId);
      return relayed.inbound === 1 && relayed.outbound === 1;
    });
  });
});

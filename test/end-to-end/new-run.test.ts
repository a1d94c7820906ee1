import { SIGNALS, UPDATES, WORKFLOWS } from '../../domain/contract';
import { handoffId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';

describe('a new run', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  afterEach(() => service.desk.faults.clear());

  test('P25: begins while a bot still waits for what becomes of its call', async () => {
    service.desk.faults.set({ api: { next: [{ match: '/cases', answer: 503, times: 'always', delayMs: 0 }] } });
    const { conversationId } = service.infobip.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
    const input = service.input(conversationId);
    input.settings.maxHistoryEvents = 60;
    const options = { workflowId: handoffId(input), taskQueue: service.taskQueue, args: [input] };
    const handle = await service.client.workflow.start(WORKFLOWS.handoff, options);
    const waiting = handle.executeUpdate(UPDATES.awaitState).catch((error: Error) => error.message);
    await eventually('the bot waits', async () => (await service.view(conversationId)).contactCenter === 'desk');
    for (let i = 0; i < 25; i++) {
      const at = new Date().toISOString();
      const message = { id: `m${i}`, at, content: { kind: 'text', text: 'Anybody?' } };
      await handle.signal(SIGNALS.deliver, [{ type: 'inbound', message }]);
      await service.view(conversationId);
    }
    await eventually(
      'the new run',
      async () => {
        const { runId } = await service.client.workflow.getHandle(handle.workflowId).describe();
        return runId !== handle.firstExecutionRunId;
      },
      { withinMs: 40_000 },
    );
    expect(await waiting).toBe('opening');
    service.desk.faults.clear();
    await eventually('the case is open', async () => (await service.view(conversationId)).state === 'waiting', {
      withinMs: 60_000,
    });
  }, 150_000);
});

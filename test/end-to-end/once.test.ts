import { WORKFLOWS } from '../../domain/contract';
import { handoffId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';

/** A call that is cut short, in doubt or refused never makes a message arrive twice, or not at all. */
describe('each message is sent once', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  afterEach(() => {
    service.infobip.faults.clear();
    service.desk.faults.clear();
  });

  const answers = (n: number) => Array.from({ length: n }, (_, i) => `answer ${i + 1}`);
  const received = (conversationId: string) =>
    service.received(conversationId).filter((text) => text.startsWith('answer'));

  async function startWithShortRuns(from: string): Promise<string> {
    const messages = [{ text: 'Hi' }];
    const { conversationId } = service.infobip.endUsers.addConversation({ from, messages, bot: 'paused' });
    const input = service.input(conversationId);
    input.settings.maxHistoryEvents = 40;
    const options = { workflowId: handoffId(input), taskQueue: service.taskQueue, args: [input] };
    await service.client.workflow.start(WORKFLOWS.handoff, options);
    await service.until(conversationId, 'waiting');
    return conversationId;
  }

  test('when new runs begin while the platform takes 12 seconds for each call', async () => {
    const conversationId = await startWithShortRuns('CHAT-slow');
    const slow = { match: 'POST .*/messages$', answer: 'slow' as const, delayMs: 12_000, times: 6 };
    service.infobip.faults.set({ api: { next: [slow] } });
    for (const text of answers(12)) {
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
    }
    await eventually('all are out', async () => (await service.view(conversationId)).relayed.outbound === 12, {
      withinMs: 150_000,
      everyMs: 500,
    });
    expect(received(conversationId)).toEqual(answers(12));
  }, 200_000);

  test('when the end user ends it while the case is being created: no case stays open', async () => {
    const slow = { match: 'POST /cases$', answer: 'slow' as const, delayMs: 3_000, times: 1 };
    service.desk.faults.set({ api: { next: [slow] } });
    const { conversationId, from } = await service.handOff();
    await eventually('the case is being created', async () => {
      return (await service.view(conversationId)).contactCenter === 'desk';
    });
    service.say('/end', from);
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'ended-by-user' });
    await eventually('every case of it is closed', () =>
      service.desk.cases().every(({ key, status }) => !key.includes(conversationId) || status === 'closed'),
    );
    expect(service.infobip.endUsers.conversation(conversationId)?.status).toBe('CLOSED');
  });

  test('when a rate limit refuses what the bot has said in the same words before', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.infobip.faults.set({ api: { next: [{ match: 'POST .*/messages$', answer: 429, times: 1, delayMs: 0 }] } });
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'answer' });
    await eventually('it is out', async () => (await service.view(conversationId)).relayed.outbound === 1);
    expect(received(conversationId)).toEqual(['answer']);
  });

  test('when the vendor asks to wait for a day: it is tried again within a minute', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const refused = { match: 'POST .*/messages$', answer: 429 as const, retryAfter: 90_000, times: 1, delayMs: 0 };
    service.infobip.faults.set({ api: { next: [refused] } });
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'answer' });
    await eventually('it is out', async () => (await service.view(conversationId)).relayed.outbound === 1, {
      withinMs: 90_000,
    });
    expect(await service.view(conversationId)).toMatchObject({ undelivered: 0 });
  }, 120_000);

  test('when a file is sent and the answer is lost', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const content = { kind: 'file', media: 'document', name: 'a.pdf', mimeType: 'application/pdf' };
    const lost = { match: 'POST .*/messages$', answer: 'timeout-after-effect' as const, times: 1, delayMs: 0 };
    service.infobip.faults.set({ api: { next: [lost] } });
    const source = { base64: Buffer.from('%PDF').toString('base64') };
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, content: { ...content, source } });
    await eventually('it is out', async () => (await service.view(conversationId)).relayed.outbound === 1);
    const messages = service.infobip.endUsers.conversation(conversationId)?.messages ?? [];
    expect(
      messages.filter(({ contentType, direction }) => direction === 'OUTBOUND' && contentType === 'DOCUMENT'),
    ).toHaveLength(1);
  });
});

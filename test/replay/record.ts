import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTemporalBinary } from '../../sandbox/launch/temporal-binary';
import { WORKFLOWS } from '../../domain/contract';
import { handoffId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';
import { testAddress } from '../support/temporal';

/**
 * Records one history per path through a handoff into `histories/`. Run by `npm run record-histories` when a path is
 * new; what was recorded by an older version stays, since running handoffs have such histories too.
 */
describe('recording', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ account: { endKeywords: ['/end'] } });
  });
  afterAll(() => service.stop());

  const workflow = (conversationId: string, runId?: string) =>
    service.client.workflow.getHandle(handoffId({ account: service.account, conversationId }), runId);

  async function record(name: string, conversationId: string, runId?: string): Promise<void> {
    const binary = await findTemporalBinary({ env: process.env, report: () => undefined });
    const id = handoffId({ account: service.account, conversationId });
    const run = runId ? ['--run-id', runId] : [];
    const args = ['workflow', 'show', '--address', testAddress(), '--workflow-id', id, ...run, '--output', 'json'];
    const json = execFileSync(binary, args, { maxBuffer: 64 * 1024 * 1024 });
    writeFileSync(join(__dirname, 'histories', `${name}.json`), json);
  }

  async function chat(conversationId: string, from: string, n: number): Promise<void> {
    const before = await service.view(conversationId);
    for (let i = 1; i <= n; i++) {
      service.say(`question ${i}`, from);
      await service.agent(conversationId, 'messages', {
        agent: { name: i % 2 ? 'Ana' : 'Marko' },
        text: `answer ${i}`,
      });
    }
    await eventually('all is relayed', async () => {
      const { relayed } = await service.view(conversationId);
      return relayed.inbound === before.relayed.inbound + n && relayed.outbound === before.relayed.outbound + n;
    });
  }

  test('resolved', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await chat(conversationId, from, 3);
    await service.agent(conversationId, 'close');
    await service.until(conversationId, 'closed');
    await record('resolved', conversationId);
  });

  test('ended by the end user', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.say('/end', from);
    await service.until(conversationId, 'closed');
    await record('ended-by-user', conversationId);
  });

  test('unavailable', async () => {
    await service.deskControl('availability', { available: false });
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'closed');
    await service.deskControl('availability', { available: true });
    await record('unavailable', conversationId);
  });

  test('unanswered', async () => {
    const { conversationId } = service.infobip.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
    const input = service.input(conversationId);
    input.settings.timers.answerWithin = 1_000;
    const options = { workflowId: handoffId(input), taskQueue: service.taskQueue, args: [input] };
    await service.client.workflow.start(WORKFLOWS.handoff, options);
    await service.until(conversationId, 'closed');
    await record('unanswered', conversationId);
  });

  test('closed elsewhere', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await service.platformCall('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'CLOSED' });
    await service.until(conversationId, 'closed');
    await record('closed-elsewhere', conversationId);
  });

  test('transferred', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await chat(conversationId, from, 1);
    const id = handoffId({ account: service.account, conversationId });
    const path = `/v1/handoffs/${encodeURIComponent(id)}/transfer`;
    await service.operator.post(path, { to: 'desk', queue: 'Billing' });
    await service.until(conversationId, 'waiting');
    await chat(conversationId, from, 1);
    await service.agent(conversationId, 'close');
    await service.until(conversationId, 'closed');
    await record('transferred', conversationId);
  });

  test('cancelled', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await workflow(conversationId).cancel();
    await service.until(conversationId, 'closed');
    await record('cancelled', conversationId);
  });

  test('closed by an operator, with the state asked for and faults on the way', async () => {
    const { conversationId } = service.infobip.endUsers.addConversation({ messages: [{ text: 'Hi' }], bot: 'paused' });
    service.desk.faults.set({ api: { next: [{ match: 'POST /cases$', answer: 503, times: 1, delayMs: 0 }] } });
    const headers = { prefer: 'wait=10' };
    await service.bot.post('/v1/handoffs', { conversationId, account: service.account }, { headers });
    const id = handoffId({ account: service.account, conversationId });
    await service.operator.post(`/v1/handoffs/${encodeURIComponent(id)}/close`, {});
    await service.until(conversationId, 'closed');
    await record('closed-by-operator', conversationId);
  });

  test('undeliverable, tried again', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const content = { kind: 'file', media: 'document', source: { contactCenterFile: 'gone' }, name: 'a.pdf' };
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, content });
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'x'.repeat(5_000) });
    await eventually('the long text is out', async () => (await service.view(conversationId)).relayed.outbound >= 1);
    await service.agent(conversationId, 'close');
    await service.until(conversationId, 'closed');
    await record('long-text-and-file', conversationId);
  });

  test('continued as new', async () => {
    const from = 'CHAT-continued';
    const { conversationId } = service.infobip.endUsers.addConversation({
      from,
      messages: [{ text: 'Hi' }],
      bot: 'paused',
    });
    const input = service.input(conversationId);
    input.settings.maxHistoryEvents = 60;
    const { firstExecutionRunId } = await service.client.workflow.start(WORKFLOWS.handoff, {
      workflowId: handoffId(input),
      taskQueue: service.taskQueue,
      args: [input],
    });
    await service.until(conversationId, 'waiting');
    await chat(conversationId, from, 6);
    await eventually('a new run began', async () => {
      const { runId } = await workflow(conversationId).describe();
      return runId !== firstExecutionRunId;
    });
    await chat(conversationId, from, 1);
    await service.agent(conversationId, 'close');
    await service.until(conversationId, 'closed');
    await record('continued-first-run', conversationId, firstExecutionRunId);
    await record('continued-last-run', conversationId);
  });
});

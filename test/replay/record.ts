import { randomUUID } from 'node:crypto';
import { SIGNALS, WORKFLOWS } from '../../domain/contract';
import { watchId } from '../../domain/ids';
import { startBusinessService } from '../support/business-service';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';
import { recorderOf } from './recorder';

/**
 * Records one history per path through a handoff into `histories/`. Run by `npm run record-histories` when a path is
 * new; what was recorded by an older version stays, since running handoffs have such histories too.
 */
describe('recording', () => {
  let service: Service;
  let recorder: ReturnType<typeof recorderOf>;
  beforeAll(async () => {
    service = await startService({ account: { endKeywords: ['/end'] } });
    recorder = recorderOf(service);
  });
  afterAll(() => service.stop());
  afterEach(() => {
    service.infobip.faults.clear();
    service.desk.faults.clear();
  });

  /** A paused conversation that nobody has handed off yet. */
  function paused() {
    const from = `CHAT-${randomUUID()}`;
    const { conversationId } = service.infobip.endUsers.addConversation({
      from,
      messages: [{ text: 'Hi' }],
      bot: 'paused',
    });
    return { conversationId, from };
  }

  /** One that waits for an agent. */
  async function waiting() {
    const chat = await service.handOff();
    await service.until(chat.conversationId, 'waiting');
    return chat;
  }

  const desk = (match: string, times: number | 'always' = 'always') =>
    service.desk.faults.set({ api: { next: [{ match, answer: 503, times, delayMs: 0 }] } });
  const platform = (match: string, times: number | 'always' = 'always') =>
    service.infobip.faults.set({ api: { next: [{ match, answer: 503, times, delayMs: 0 }] } });
  const clear = () => {
    service.infobip.faults.clear();
    service.desk.faults.clear();
  };
  const casesOf = (conversationId: string) => service.desk.cases().filter(({ key }) => key.includes(conversationId));
  const bothWaysRelayed = (conversationId: string, n: { inbound: number; outbound: number }) =>
    eventually('all is relayed', async () => {
      const { relayed } = await service.view(conversationId);
      return relayed.inbound === n.inbound && relayed.outbound === n.outbound;
    });

  async function chat(conversationId: string, from: string, n: number): Promise<void> {
    const { relayed } = await service.view(conversationId);
    for (let i = 1; i <= n; i++) {
      service.say(`question ${i}`, from);
      const agent = { name: i % 2 ? 'Ana' : 'Marko' };
      await service.agent(conversationId, 'messages', { agent, text: `answer ${i}` });
    }
    await bothWaysRelayed(conversationId, { inbound: relayed.inbound + n, outbound: relayed.outbound + n });
  }

  describe('an outcome:', () => {
    test('resolved', async () => {
      const { conversationId, from } = await waiting();
      await chat(conversationId, from, 3);
      await service.agent(conversationId, 'close');
      await recorder.record('resolved', conversationId);
    });

    test('ended by the end user', async () => {
      const { conversationId, from } = await waiting();
      service.say('/end', from);
      await recorder.record('ended-by-user', conversationId);
    });

    test('unavailable', async () => {
      await service.deskControl('availability', { available: false });
      const { conversationId } = await service.handOff();
      await service.until(conversationId, 'closed');
      await service.deskControl('availability', { available: true });
      await recorder.record('unavailable', conversationId);
    });

    test('unanswered', async () => {
      const { conversationId } = paused();
      await recorder.begin(conversationId, ({ timers }) => (timers.answerWithin = 1_000));
      await recorder.record('unanswered', conversationId);
    });

    test('closed elsewhere', async () => {
      const { conversationId } = await waiting();
      await service.platformCall('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'CLOSED' });
      await recorder.record('closed-elsewhere', conversationId);
    });

    test('cancelled', async () => {
      const { conversationId } = await waiting();
      await service.client.workflow.getHandle(recorder.idOf(conversationId)).cancel();
      await recorder.record('cancelled', conversationId);
    });

    test('closed by an operator, with the state asked for and a fault on the way', async () => {
      const { conversationId } = paused();
      desk('POST /cases$', 1);
      const headers = { prefer: 'wait=10' };
      await service.bot.post('/v1/handoffs', { conversationId, account: service.account }, { headers });
      await service.until(conversationId, 'waiting');
      await recorder.operate(conversationId, 'close', {});
      await recorder.record('closed-by-operator', conversationId);
    });
  });

  describe('on the way:', () => {
    test('a long text, and a file that is gone', async () => {
      const { conversationId } = await waiting();
      const content = { kind: 'file', media: 'document', source: { contactCenterFile: 'gone' }, name: 'a.pdf' };
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, content });
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'x'.repeat(5_000) });
      await eventually('the long text is out', async () => (await service.view(conversationId)).relayed.outbound >= 1);
      await service.agent(conversationId, 'close');
      await recorder.record('long-text-and-file', conversationId);
    });

    test('undeliverable, and tried again by an operator', async () => {
      const { conversationId } = await waiting();
      const refused = { match: 'POST .*/messages$', answer: 404 as const, times: 'always' as const, delayMs: 0 };
      service.infobip.faults.set({ api: { next: [refused] } });
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'Can you read this?' });
      const messageId = await eventually('it is undeliverable', async () => {
        const { messages } = await service.view(conversationId);
        return messages.find(({ deliveryStatus }) => deliveryStatus === 'undeliverable')?.id;
      });
      clear();
      await recorder.operate(conversationId, `messages/${encodeURIComponent(messageId)}/retry`, {});
      await bothWaysRelayed(conversationId, { inbound: 0, outbound: 1 });
      await service.agent(conversationId, 'close');
      await recorder.record('retried', conversationId);
    });

    test('answers of "not found" that are not true', async () => {
      const { conversationId, from } = await waiting();
      const falsely = (match: string) => ({ api: { next: [{ match, answer: 404 as const, times: 1, delayMs: 0 }] } });
      service.infobip.faults.set(falsely('POST .*/messages$'));
      service.desk.faults.set(falsely('POST /cases/.*/messages$'));
      await chat(conversationId, from, 1);
      await service.agent(conversationId, 'close');
      await recorder.record('not-found-falsely', conversationId);
    });

    test('an agent who closes before the contact center has said that it took the case', async () => {
      const { conversationId, from } = paused();
      const unseen = { match: 'POST /cases$', answer: 'timeout-after-effect' as const, times: 1, delayMs: 0 };
      service.desk.faults.set({ api: { next: [unseen] } });
      await recorder.begin(conversationId, () => undefined);
      await service.deskCase(conversationId);
      desk('GET /cases$');
      service.say('Are you there?', from);
      await eventually('it waits', async () => (await service.view(conversationId)).pending === 1);
      await service.agent(conversationId, 'close');
      await eventually('it ends', async () => (await service.view(conversationId)).outcome === 'resolved');
      clear();
      await recorder.record('closed-before-opened', conversationId);
    });

    test('transferred', async () => {
      const { conversationId, from } = await waiting();
      await chat(conversationId, from, 1);
      await recorder.operate(conversationId, 'transfer', { to: 'desk', queue: 'Billing' });
      await service.until(conversationId, 'waiting');
      const first = () => casesOf(conversationId)[0]!;
      await service.deskControl(`cases/${first().id}/messages`, { agent: { name: 'Ana' }, text: 'One more thing' });
      await eventually('the first agent learns that it reaches nobody', () => first().notes.length > 0);
      await chat(conversationId, from, 1);
      await service.agent(conversationId, 'close');
      await recorder.record('transferred', conversationId);
    });

    test('a transfer during which the end user’s side is slow, from an agent who was faster than the opening', async () => {
      const { conversationId } = paused();
      const late = { match: 'POST /cases$', answer: 'slow-answer' as const, delayMs: 2_000, times: 1 };
      service.desk.faults.set({ api: { next: [late] } });
      await recorder.begin(conversationId, () => undefined);
      await service.deskCase(conversationId);
      await service.agent(conversationId, 'join', { agent: { name: 'Ana' } });
      await service.until(conversationId, 'connected');
      const slow = { match: 'POST .*/messages$', answer: 'slow' as const, delayMs: 3_000, times: 1 };
      service.infobip.faults.set({ api: { next: [slow] } });
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'I pass you on' });
      const opening = { match: 'POST /cases$', answer: 'slow' as const, delayMs: 6_000, times: 1 };
      service.desk.faults.set({ api: { next: [opening] } });
      await recorder.operate(conversationId, 'transfer', { to: 'desk', queue: 'Billing' });
      await service.until(conversationId, 'waiting');
      clear();
      await service.agent(conversationId, 'close');
      await recorder.record('transferred-slowly', conversationId);
    });

    test('a transfer that fails', async () => {
      const { conversationId, from } = await waiting();
      await service.deskControl('availability', { available: false });
      await recorder.operate(conversationId, 'transfer', { to: 'desk', queue: 'Billing' });
      await eventually('the agents learn it', () => casesOf(conversationId)[0]!.notes.length > 0);
      await service.deskControl('availability', { available: true });
      await chat(conversationId, from, 1);
      await service.agent(conversationId, 'close');
      await recorder.record('transfer-failed', conversationId);
    });

    test('agents who are announced by events of the platform, which cannot be read', async () => {
      const business = await startBusinessService();
      try {
        const conversationId = await business.handOff();
        business.write('My question', conversationId);
        await eventually('it is relayed', async () => (await business.view(conversationId)).relayed.inbound === 1);
        for (const name of ['Ana', 'Marko']) {
          await business.agent(conversationId, 'messages', { agent: { name }, text: `I am ${name}` });
        }
        await business.untilShown(conversationId, 'HUMAN Marko: I am Marko');
        await recorderOf(business).operate(conversationId, 'transfer', { to: 'desk', queue: 'Billing' });
        await eventually('the second case is there', () => business.desk.cases().length === 2);
        await business.until(conversationId, 'waiting');
        await business.agent(conversationId, 'close');
        await recorderOf(business).record('representatives', conversationId);
      } finally {
        await business.stop();
      }
    });
  });

  describe('an end that comes', () => {
    test('while the case is being opened', async () => {
      const { conversationId } = paused();
      desk('POST /cases$');
      await service.bot.post('/v1/handoffs', { conversationId, account: service.account });
      await eventually('it is', async () => (await service.view(conversationId)).contactCenter === 'desk');
      await recorder.operate(conversationId, 'close', {});
      clear();
      await recorder.record('ended-while-opening', conversationId);
    });

    test('while it is being transferred', async () => {
      const { conversationId } = await waiting();
      desk('POST /cases$');
      await recorder.operate(conversationId, 'transfer', { to: 'desk', queue: 'Billing' });
      await eventually('it is', async () => (await service.view(conversationId)).cases.length === 2);
      await recorder.operate(conversationId, 'close', {});
      clear();
      await recorder.record('ended-while-transferring', conversationId);
    });

    test('while the agent’s side takes nothing: it is not waited for', async () => {
      const { conversationId, from } = await waiting();
      desk('POST /cases/.*/messages$');
      service.say('one last thing', from);
      await recorder.operate(conversationId, 'close', {});
      const conversation = () => service.infobip.endUsers.conversation(conversationId);
      await eventually('the bot is back', () => conversation()?.status === 'CLOSED');
      clear();
      await recorder.record('agents-side-not-waited-for', conversationId);
    });

    test('before the bot calls again: the next handoff begins', async () => {
      const { conversationId } = paused();
      const runId = await recorder.begin(conversationId, () => undefined);
      await service.until(conversationId, 'waiting');
      desk('/close$');
      await recorder.operate(conversationId, 'close', {});
      const conversation = () => service.infobip.endUsers.conversation(conversationId);
      await eventually('the bot is back', () => conversation()?.status === 'CLOSED');
      await service.bot.post('/v1/handoffs', { conversationId, account: service.account });
      clear();
      const running = service.client.workflow.getHandle(recorder.idOf(conversationId));
      await eventually('the next has begun', async () => (await running.describe()).runId !== runId);
      await recorder.record('called-again-last-run', conversationId);
      await recorder.record('called-again-first-run', conversationId, runId);
    });
  });

  describe('continued as new', () => {
    /** A run that ended while it was so, and the one in which the handoff ended. */
    async function recordBoth(name: string, conversationId: string, runId: string): Promise<void> {
      await recorder.record(`${name}-last-run`, conversationId);
      await recorder.record(`${name}-earlier-run`, conversationId, runId);
    }

    test('while messages are relayed', async () => {
      const { conversationId, from } = paused();
      await recorder.begin(conversationId, recorder.shortRuns);
      await service.until(conversationId, 'waiting');
      await chat(conversationId, from, 6);
      const runId = await recorder.untilNextRun(conversationId);
      await chat(conversationId, from, 1);
      await service.agent(conversationId, 'close');
      await recordBoth('continued', conversationId, runId);
    });

    test('while the case is being opened', async () => {
      const { conversationId } = paused();
      desk('POST /cases$');
      await recorder.begin(conversationId, recorder.shortRuns);
      await eventually('it is', async () => (await service.view(conversationId)).contactCenter === 'desk');
      const runId = await recorder.untilNextRun(conversationId);
      clear();
      await service.until(conversationId, 'waiting');
      await service.agent(conversationId, 'close');
      await recordBoth('continued-while-opening', conversationId, runId);
    });

    test('while it is being transferred', async () => {
      const { conversationId } = paused();
      await recorder.begin(conversationId, recorder.shortRuns);
      await service.until(conversationId, 'waiting');
      desk('POST /cases$');
      await recorder.operate(conversationId, 'transfer', { to: 'desk', queue: 'Billing' });
      const runId = await recorder.untilNextRun(conversationId);
      clear();
      await eventually('the second case is open', () => casesOf(conversationId).length === 2);
      await service.until(conversationId, 'waiting');
      await service.agent(conversationId, 'close');
      await recordBoth('continued-while-transferring', conversationId, runId);
    });

    test('while it is closing', async () => {
      const { conversationId } = paused();
      await recorder.begin(conversationId, recorder.shortRuns);
      await service.until(conversationId, 'waiting');
      platform('PATCH .*');
      await service.agent(conversationId, 'close');
      await service.until(conversationId, 'closing');
      const runId = await recorder.untilNextRun(conversationId);
      clear();
      await recordBoth('continued-while-closing', conversationId, runId);
    });
  });

  describe('beside the handoffs:', () => {
    test('a sweep of the janitor', async () => {
      const workflowId = `janitor-recorded-${service.account}`;
      const args = [{ account: service.account }];
      await service.client.workflow.execute(WORKFLOWS.janitor, { workflowId, taskQueue: service.taskQueue, args });
      await recorder.recordWorkflow('janitor', workflowId);
    });

    test('a watch with nothing left to watch', async () => {
      const workflowId = watchId(service.account, 'desk');
      const watch = service.client.workflow.getHandle(workflowId);
      const { conversationId } = await waiting();
      await watch.signal(SIGNALS.active, [recorder.idOf(conversationId)]);
      await watch.signal(SIGNALS.pollNow);
      await service.agent(conversationId, 'close');
      await service.until(conversationId, 'closed');
      // It polls for two minutes more.
      await eventually(
        'it is idle',
        async () => {
          const { raw } = await watch.describe();
          return raw.pendingActivities?.length === 0;
        },
        { withinMs: 180_000 },
      );
      await recorder.recordWorkflow('watch', workflowId);
    }, 300_000);
  });
});

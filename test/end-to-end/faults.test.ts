import { watchId } from '../../domain/ids';
import { textsOf } from '../support/core';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';

/** What goes wrong between us and the vendors must not be seen by anyone who writes. */
describe('P1, P2, P3: nothing is lost, doubled or reordered', () => {
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
  const words = (n: number, prefix: string) => Array.from({ length: n }, (_, i) => `${prefix} ${i + 1}`);

  /** Ten messages each way while something is wrong, and what arrived in the end. */
  async function chat(conversationId: string, from: string) {
    for (const text of words(10, 'question')) service.say(text, from);
    for (const text of words(10, 'answer'))
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
    await eventually('all messages have arrived', async () => {
      const view = await service.view(conversationId);
      return view.relayed.inbound >= 10 && view.relayed.outbound >= 10;
    });
    const received = service.received(conversationId).filter((text) => text.startsWith('answer'));
    return { inCase: await inCase(conversationId), received };
  }

  test.each(['late', 'twice'] as const)('when webhooks arrive %s', async (delivery) => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.infobip.faults.set({ webhooks: { delivery, delayMs: 300 } });
    service.desk.faults.set({ webhooks: { delivery, delayMs: 300 } });
    expect(await chat(conversationId, from)).toEqual({ inCase: words(10, 'question'), received: words(10, 'answer') });
  });

  test('P5: when webhooks arrive out of order, or never: then what was missed is found', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    for (const delivery of ['out-of-order', 'never'] as const) {
      service.infobip.faults.set({ webhooks: { delivery, delayMs: 200 } });
      service.desk.faults.set({ webhooks: { delivery, delayMs: 200 } });
      const [said, answered] = [`question ${delivery}`, `answer ${delivery}`];
      service.say(said, from);
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: answered });
      await eventually(
        `both messages arrive although webhooks come ${delivery}`,
        async () =>
          (await inCase(conversationId)).includes(said) && service.received(conversationId).includes(answered),
      );
    }
    await service.agent(conversationId, 'close');
    await service.until(conversationId, 'closed');
    expect(await inCase(conversationId)).toEqual(['question out-of-order', 'question never']);
  });

  test('P17: when a message without a webhook is written just before the end', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.infobip.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    service.say('one more thing', from);
    await service.agent(conversationId, 'close');
    await service.until(conversationId, 'closed');
    expect(await inCase(conversationId)).toEqual(['one more thing']);
  });

  test('P7: when calls take effect but their answers are lost', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const lost = (match: string) => ({ match, answer: 'timeout-after-effect' as const, times: 3, delayMs: 0 });
    service.infobip.faults.set({ api: { next: [lost('POST .*/messages$')] } });
    service.desk.faults.set({ api: { next: [lost('POST .*/messages$')] } });
    expect(await chat(conversationId, from)).toEqual({ inCase: words(10, 'question'), received: words(10, 'answer') });
  });

  test('P7: when the same text is sent twice and an answer is lost in between', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'ok' });
    await eventually('the first has arrived', () => service.received(conversationId).includes('ok'));
    const fault = { match: 'POST .*/messages$', answer: 'timeout-after-effect' as const, times: 1, delayMs: 0 };
    service.infobip.faults.set({ api: { next: [fault] } });
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'ok' });
    await eventually('both count', async () => (await service.view(conversationId)).relayed.outbound === 2);
    expect(service.received(conversationId).filter((text) => text === 'ok')).toHaveLength(2);
  });

  test('P10: when the case is created but the answer is lost', async () => {
    const fault = { match: 'POST /cases$', answer: 'timeout-after-effect' as const, times: 1, delayMs: 0 };
    service.desk.faults.set({ api: { next: [fault] } });
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    expect(service.desk.cases().filter(({ key }) => key.includes(conversationId))).toHaveLength(1);
  });

  test('P33: when vendors are busy or down for a while, and what they ask to wait is waited', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.infobip.faults.set({
      api: { next: [{ match: 'POST .*/messages$', answer: 429, retryAfter: 2, times: 1, delayMs: 0 }] },
    });
    service.desk.faults.set({ api: { next: [{ match: 'POST .*/messages$', answer: 503, times: 2, delayMs: 0 }] } });
    const started = Date.now();
    expect(await chat(conversationId, from)).toEqual({ inCase: words(10, 'question'), received: words(10, 'answer') });
    expect(Date.now() - started).toBeGreaterThanOrEqual(2_000);
  });

  test('P12: when a message arrives while the case is being opened', async () => {
    service.desk.faults.set({
      api: { next: [{ match: 'POST /cases$', answer: 503, retryAfter: 1, times: 1, delayMs: 0 }] },
    });
    const { conversationId, from } = await service.handOff();
    service.say('early one', from);
    service.say('early two', from);
    await service.until(conversationId, 'waiting');
    // Each is in the transcript or comes after it, according to when the conversation was read.
    const known = async () => {
      const { transcript } = await service.deskCase(conversationId);
      const known = transcript.entries.map(({ content }) => ('text' in content ? content.text : ''));
      return [...known, ...(await inCase(conversationId))];
    };
    await eventually('they are in the case', async () => (await known()).length >= 3);
    expect(await known()).toEqual(['Hello', 'early one', 'early two']);
  });

  test('P6: and what can never be delivered is reported to its sender, while the track goes on', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const content = {
      kind: 'file',
      media: 'document',
      source: { url: 'https://files.example.com/a.pdf' },
      name: 'a.pdf',
    };
    service.infobip.faults.set({ api: { next: [] } });
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, content });
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'after it' });
    await eventually('the track goes on', () => service.received(conversationId).includes('after it'));
  });

  test('when the worker stops and starts again in mid-conversation', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await service.stopWorker();
    for (const text of words(5, 'question')) service.say(text, from);
    for (const text of words(5, 'answer'))
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
    await service.startWorker();
    await eventually('all messages have arrived', async () => {
      const view = await service.view(conversationId);
      return view.relayed.inbound >= 5 && view.relayed.outbound >= 5;
    });
    expect(await inCase(conversationId)).toEqual(words(5, 'question'));
    expect(service.received(conversationId).filter((text) => text.startsWith('answer'))).toEqual(words(5, 'answer'));
  });

  test('P27: when the watchers are gone: the next handoff brings them back', async () => {
    for (const connection of ['platform', 'desk']) {
      await service.client.workflow.getHandle(watchId(service.account, connection)).terminate();
    }
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const { status } = await service.client.workflow.getHandle(watchId(service.account, 'desk')).describe();
    expect(status.name).toBe('RUNNING');
  });
});

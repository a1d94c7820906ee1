import { watchId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { startLayer, type Layer } from '../support/layer';

/** What goes wrong between us and the vendors must not be seen by anyone who writes. */
describe('nothing is lost, doubled or reordered', () => {
  let layer: Layer;
  beforeAll(async () => {
    layer = await startLayer();
  });
  afterAll(() => layer.stop());
  afterEach(() => {
    layer.infobip.faults.clear();
    layer.desk.faults.clear();
  });

  const inCase = async (conversationId: string) =>
    (await layer.deskCase(conversationId)).messages.flatMap(({ from, content }) =>
      from === 'end-user' && 'text' in content ? [content.text] : [],
    );
  const words = (n: number, prefix: string) => Array.from({ length: n }, (_, i) => `${prefix} ${i + 1}`);

  /** Ten messages each way while something is wrong, and what arrived in the end. */
  async function chat(conversationId: string, from: string) {
    for (const text of words(10, 'question')) layer.say(text, from);
    for (const text of words(10, 'answer'))
      await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
    await eventually('all messages have arrived', async () => {
      const view = await layer.view(conversationId);
      return view.relayed.inbound >= 10 && view.relayed.outbound >= 10;
    });
    const received = layer.received(conversationId).filter((text) => text.startsWith('answer'));
    return { inCase: await inCase(conversationId), received };
  }

  test.each(['late', 'twice'] as const)('when webhooks arrive %s', async (delivery) => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    layer.infobip.faults.set({ webhooks: { delivery, delayMs: 300 } });
    layer.desk.faults.set({ webhooks: { delivery, delayMs: 300 } });
    expect(await chat(conversationId, from)).toEqual({ inCase: words(10, 'question'), received: words(10, 'answer') });
  });

  test('when webhooks arrive out of order, or never: then what was missed is found', async () => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    for (const delivery of ['out-of-order', 'never'] as const) {
      layer.infobip.faults.set({ webhooks: { delivery, delayMs: 200 } });
      layer.desk.faults.set({ webhooks: { delivery, delayMs: 200 } });
      const [said, answered] = [`question ${delivery}`, `answer ${delivery}`];
      layer.say(said, from);
      await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: answered });
      await eventually(
        `both messages arrive although webhooks come ${delivery}`,
        async () => (await inCase(conversationId)).includes(said) && layer.received(conversationId).includes(answered),
      );
    }
    await layer.agent(conversationId, 'close');
    await layer.until(conversationId, 'closed');
    expect(await inCase(conversationId)).toEqual(['question out-of-order', 'question never']);
  });

  test('when a message no webhook told of is written just before the end', async () => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    layer.infobip.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    layer.say('one more thing', from);
    await layer.agent(conversationId, 'close');
    await layer.until(conversationId, 'closed');
    expect(await inCase(conversationId)).toEqual(['one more thing']);
  });

  test('when calls take effect but their answers are lost', async () => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    const lost = (match: string) => ({ match, answer: 'timeout-after-effect' as const, times: 3, delayMs: 0 });
    layer.infobip.faults.set({ api: { next: [lost('POST .*/messages$')] } });
    layer.desk.faults.set({ api: { next: [lost('POST .*/messages$')] } });
    expect(await chat(conversationId, from)).toEqual({ inCase: words(10, 'question'), received: words(10, 'answer') });
  });

  test('when the same text is sent twice and an answer is lost in between', async () => {
    const { conversationId } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'ok' });
    await eventually('the first has arrived', () => layer.received(conversationId).includes('ok'));
    const fault = { match: 'POST .*/messages$', answer: 'timeout-after-effect' as const, times: 1, delayMs: 0 };
    layer.infobip.faults.set({ api: { next: [fault] } });
    await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'ok' });
    await eventually('both count', async () => (await layer.view(conversationId)).relayed.outbound === 2);
    expect(layer.received(conversationId).filter((text) => text === 'ok')).toHaveLength(2);
  });

  test('when the case is created but the answer is lost', async () => {
    const fault = { match: 'POST /cases$', answer: 'timeout-after-effect' as const, times: 1, delayMs: 0 };
    layer.desk.faults.set({ api: { next: [fault] } });
    const { conversationId } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    expect(layer.desk.cases().filter(({ key }) => key.includes(conversationId))).toHaveLength(1);
  });

  test('when vendors are busy or down for a while, and what they ask to wait is waited', async () => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    layer.infobip.faults.set({
      api: { next: [{ match: 'POST .*/messages$', answer: 429, retryAfter: 2, times: 1, delayMs: 0 }] },
    });
    layer.desk.faults.set({ api: { next: [{ match: 'POST .*/messages$', answer: 503, times: 2, delayMs: 0 }] } });
    const started = Date.now();
    expect(await chat(conversationId, from)).toEqual({ inCase: words(10, 'question'), received: words(10, 'answer') });
    expect(Date.now() - started).toBeGreaterThanOrEqual(2_000);
  });

  test('when a message arrives while the case is being opened', async () => {
    layer.desk.faults.set({
      api: { next: [{ match: 'POST /cases$', answer: 503, retryAfter: 1, times: 1, delayMs: 0 }] },
    });
    const { conversationId, from } = await layer.handOff();
    layer.say('early one', from);
    layer.say('early two', from);
    await layer.until(conversationId, 'waiting');
    // Each is in the transcript or comes after it, according to when the conversation was read.
    const known = async () => {
      const { transcript } = await layer.deskCase(conversationId);
      const told = transcript.entries.map(({ content }) => ('text' in content ? content.text : ''));
      return [...told, ...(await inCase(conversationId))];
    };
    await eventually('they are in the case', async () => (await known()).length >= 3);
    expect(await known()).toEqual(['Hello', 'early one', 'early two']);
  });

  test('and what can never be delivered is told to its sender, while the lane goes on', async () => {
    const { conversationId } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    const content = {
      kind: 'file',
      media: 'document',
      source: { url: 'https://files.example.com/a.pdf' },
      name: 'a.pdf',
    };
    layer.infobip.faults.set({ api: { next: [] } });
    await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, content });
    await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'after it' });
    await eventually('the lane goes on', () => layer.received(conversationId).includes('after it'));
  });

  test('when the worker stops and starts again in mid-conversation', async () => {
    const { conversationId, from } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    await layer.stopWorker();
    for (const text of words(5, 'question')) layer.say(text, from);
    for (const text of words(5, 'answer'))
      await layer.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
    await layer.startWorker();
    await eventually('all messages have arrived', async () => {
      const view = await layer.view(conversationId);
      return view.relayed.inbound >= 5 && view.relayed.outbound >= 5;
    });
    expect(await inCase(conversationId)).toEqual(words(5, 'question'));
    expect(layer.received(conversationId).filter((text) => text.startsWith('answer'))).toEqual(words(5, 'answer'));
  });

  test('when the watchers are gone: the next handoff brings them back', async () => {
    for (const connection of ['platform', 'desk']) {
      await layer.client.workflow.getHandle(watchId(layer.account, connection)).terminate();
    }
    const { conversationId } = await layer.handOff();
    await layer.until(conversationId, 'waiting');
    const { status } = await layer.client.workflow.getHandle(watchId(layer.account, 'desk')).describe();
    expect(status.name).toBe('RUNNING');
  });
});

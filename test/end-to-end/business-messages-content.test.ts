import axios from 'axios';
import { handoffId } from '../../domain/ids';
import { startBusinessLayer, type BusinessLayer } from '../support/business-layer';
import { MESSAGE } from '../support/business-messages-examples';
import { eventually } from '../support/eventually';

const JANE = { name: 'Jane Doe', avatarUrl: 'https://live.agent/human-avatar.jpg' };

let layer: BusinessLayer;
beforeAll(async () => {
  layer = await startBusinessLayer();
});
afterAll(() => layer.stop());
afterEach(() => {
  layer.standIn.faults.clear();
  layer.desk.faults.clear();
  expect(layer.breaches()).toEqual([]);
});

describe('what is more than a text', () => {
  const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const image = { kind: 'file', media: 'image', name: 'label.png', mimeType: 'image/png' };

  test('comes to the agent as readable lines, and no code of a sign-in among them', async () => {
    const id = await layer.handOff();
    const { message: _, ...published } = JSON.parse(MESSAGE) as Record<string, unknown>;
    const send = (requestId: string, part: object) =>
      layer.post({ ...published, conversationId: id, requestId, ...part });
    const of = `conversations/${id}/messages/1`;
    await send('r1', { suggestionResponse: { message: of, text: 'Yes, please', postbackData: 'eWVz', type: 'REPLY' } });
    await send('r2', { surveyResponse: { survey: of, rating: 'GREAT', feedback: 'Very quick', questionIndex: 0 } });
    await send('r3', { authenticationResponse: { code: 'c0de-5f1', redirect_uri: 'https://shop.example/callback' } });
    await send('r4', { authenticationResponse: { errorDetails: { error: 'access_denied' } } });
    await layer.untilInCase(id, 'Michael: [sign-in failed: access_denied]');
    expect(await layer.inCase(id)).toEqual([
      'Michael: Yes, please',
      'Michael: [survey answer: GREAT, Very quick]',
      'Michael: [signed in at shop.example]',
      'Michael: [sign-in failed: access_denied]',
    ]);
    expect(JSON.stringify(layer.desk.cases())).not.toContain('c0de-5f1');
  });

  test('goes to the end user as images anybody can open, with a fallback for devices that show none', async () => {
    const id = await layer.handOff();
    const source = { base64: PIXEL };
    await layer.agent(id, 'messages', { agent: JANE, content: { ...image, source } });
    await layer.agent(id, 'messages', { agent: JANE, content: { ...image, source, caption: 'Your label' } });
    await layer.agent(id, 'messages', { agent: JANE, text: 'See https://shop.example/returns' });
    await layer.untilShown(id, 'HUMAN Jane Doe: See https://shop.example/returns');
    const [plain, card] = layer
      .entries(id)
      .flatMap((entry) => (entry.kind === 'agent-message' && entry.fallback ? [entry] : []));
    const { fileUrl, altText } = (plain?.image as { contentInfo: { fileUrl: string; altText: string } }).contentInfo;
    expect(altText).toBe('label.png');
    expect(plain?.fallback).toBe(`[image: label.png] ${fileUrl}`);
    expect(card).toMatchObject({
      fallback: expect.stringContaining('[image: label.png] Your label http'),
      richCard: { standaloneCard: { cardContent: { description: 'Your label' } } },
    });
    const { data, headers } = await axios.get<ArrayBuffer>(fileUrl, { responseType: 'arraybuffer' });
    expect(headers['content-type']).toBe('image/png');
    expect(Buffer.from(data).toString('base64')).toBe(PIXEL);
  });

  test('is its fallback on a device that shows texts alone', async () => {
    const id = await layer.handOff({}, layer.begin({ textOnly: true }));
    await layer.agent(id, 'messages', {
      agent: JANE,
      content: { ...image, source: { url: 'https://shop.example/a.png' } },
    });
    await layer.untilShown(id, 'HUMAN Jane Doe: [image: label.png] https://shop.example/a.png');
  });
});

describe('signs of typing and reading', () => {
  const ANA = { id: 'a', name: 'Ana' };
  const BEN = { id: 'b', name: 'Ben' };

  /** A handoff in which Ana has spoken. */
  async function connected(): Promise<string> {
    const id = await layer.handOff();
    await layer.agent(id, 'messages', { agent: ANA, text: 'Hello' });
    await layer.untilShown(id, 'HUMAN Ana: Hello');
    await eventually('all is said', async () => (await layer.view(id)).pending === 0);
    return id;
  }

  const types = (id: string, agent: object = ANA) => layer.agent(id, 'typing', { agent });
  const shownTyping = (id: string) => layer.shown(id).filter((line) => line.startsWith('TYPING_STARTED'));
  /** What the platform was asked to show, whether it did or not. It reads no body of what it refuses. */
  const askedToShow = (id: string) =>
    layer.standIn.journal.since().filter(({ path, request }) => {
      const { eventType } = (request ?? {}) as { eventType?: string };
      return path === `/v1/conversations/${id}/events` && (eventType ?? 'TYPING_STARTED') === 'TYPING_STARTED';
    });
  const toldDesk = async (id: string) => {
    const { id: caseId } = await layer.deskCase(id);
    const { data } = await axios.get<{ entries: { path?: string }[] }>(`${layer.deskUrl}/sandbox/journal`);
    return data.entries.filter(({ path }) => path === `/cases/${caseId}/presence`);
  };
  /** Whatever was said before it has been dealt with by now. */
  async function exchange(id: string, word: string): Promise<void> {
    layer.write(`question ${word}`, id);
    await layer.untilInCase(id, `Michael: question ${word}`);
    await layer.agent(id, 'messages', { agent: ANA, text: `answer ${word}` });
    await layer.untilShown(id, `HUMAN Ana: answer ${word}`);
  }

  test('go both ways, and leave nothing in the history of the handoff', async () => {
    const id = await connected();
    await exchange(id, 'one');
    const { messageId } = layer.entries(id).findLast((entry) => entry.kind === 'end-user-message')!;
    const handle = layer.client.workflow.getHandle(handoffId({ account: layer.account, conversationId: id }));
    await eventually('all is said', async () => (await layer.view(id)).relayed.outbound === 2);
    const { historyLength } = await handle.describe();

    layer.standIn.endUsers.type(id);
    layer.standIn.endUsers.read(id);
    await types(id);
    await layer.agent(id, 'read', { agent: ANA, messageId });
    await eventually('the agent sees both', async () => {
      const { endUser } = await layer.deskCase(id);
      return endUser.typingAt && endUser.readAt;
    });
    await eventually('the end user sees both', () => {
      const read = layer.entries(id).some((entry) => entry.kind === 'end-user-message' && entry.readAt);
      return read && shownTyping(id).length > 0;
    });
    expect(shownTyping(id)).toEqual(['TYPING_STARTED Ana']);
    expect((await handle.describe()).historyLength).toBe(historyLength);
  });

  test('are shown once in a while, however often they come', async () => {
    const id = await connected();
    for (let i = 0; i < 5; i++) {
      layer.standIn.endUsers.type(id);
      await types(id);
    }
    await exchange(id, 'after');
    expect(await toldDesk(id)).toHaveLength(1);
    expect(askedToShow(id)).toHaveLength(1);
  });

  test('are tried once', async () => {
    const id = await connected();
    const fault = (match: string) => ({ match, answer: 503 as const, times: 1, delayMs: 0 });
    layer.standIn.faults.set({ api: { next: [fault('POST .*/events$')] } });
    layer.desk.faults.set({ api: { next: [fault('POST .*/presence$')] } });
    layer.standIn.endUsers.type(id);
    await types(id);
    await eventually('both were tried', async () => askedToShow(id).length > 0 && (await toldDesk(id)).length > 0);
    await exchange(id, 'after');
    expect(askedToShow(id)).toMatchObject([{ status: 503 }]);
    expect(await toldDesk(id)).toMatchObject([{ status: 503 }]);
    expect((await layer.deskCase(id)).endUser).toEqual({});
  });

  test('never overtake a message that waits', async () => {
    const id = await connected();
    const fault = { match: 'POST .*/messages$', answer: 503 as const, retryAfter: 4, times: 1, delayMs: 0 };
    layer.standIn.faults.set({ api: { next: [{ ...fault }] } });
    layer.desk.faults.set({ api: { next: [{ ...fault }] } });
    layer.write('wait for me', id);
    layer.standIn.endUsers.type(id);
    await layer.agent(id, 'messages', { agent: ANA, text: 'and for me' });
    await types(id);
    await layer.untilInCase(id, 'Michael: wait for me');
    await layer.untilShown(id, 'HUMAN Ana: and for me');
    expect(askedToShow(id)).toEqual([]);
    expect(await toldDesk(id)).toEqual([]);
  });

  test('of an agent wait for the agent to have joined', async () => {
    const id = await connected();
    const fault = { match: 'POST .*/events$', answer: 503 as const, retryAfter: 4, times: 1, delayMs: 0 };
    layer.standIn.faults.set({ api: { next: [fault] } });
    await layer.agent(id, 'join', { agent: BEN });
    await types(id, BEN);
    await layer.untilShown(id, 'JOINED Ben');
    expect(shownTyping(id)).toEqual([]);
  });
});

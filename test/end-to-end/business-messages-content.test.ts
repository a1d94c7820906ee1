import axios from 'axios';
import { handoffId } from '../../domain/ids';
import { startBusinessService, type BusinessService } from '../support/business-service';
import { MESSAGE } from '../support/business-messages-examples';
import { eventually } from '../support/eventually';

const JANE = { name: 'Jane Doe', avatarUrl: 'https://live.agent/human-avatar.jpg' };

let service: BusinessService;
beforeAll(async () => {
  service = await startBusinessService();
});
afterAll(() => service.stop());
afterEach(() => {
  service.simulator.faults.clear();
  service.desk.faults.clear();
  expect(service.breaches()).toEqual([]);
});

describe('what is more than a text', () => {
  const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const image = { kind: 'file', media: 'image', name: 'label.png', mimeType: 'image/png' };

  test('comes to the agent as readable lines, and no code of a sign-in among them', async () => {
    const id = await service.handOff();
    const { message: _, ...published } = JSON.parse(MESSAGE) as Record<string, unknown>;
    const send = (requestId: string, part: object) =>
      service.post({ ...published, conversationId: id, requestId, ...part });
    const of = `conversations/${id}/messages/1`;
    await send('r1', { suggestionResponse: { message: of, text: 'Yes, please', postbackData: 'eWVz', type: 'REPLY' } });
    await send('r2', { surveyResponse: { survey: of, rating: 'GREAT', feedback: 'Very quick', questionIndex: 0 } });
    await send('r3', { authenticationResponse: { code: 'c0de-5f1', redirect_uri: 'https://shop.example/callback' } });
    await send('r4', { authenticationResponse: { errorDetails: { error: 'access_denied' } } });
    await service.untilInCase(id, 'Michael: [sign-in failed: access_denied]');
    expect(await service.inCase(id)).toEqual([
      'Michael: Yes, please',
      'Michael: [survey answer: GREAT, Very quick]',
      'Michael: [signed in at shop.example]',
      'Michael: [sign-in failed: access_denied]',
    ]);
    expect(JSON.stringify(service.desk.cases())).not.toContain('c0de-5f1');
  });

  test('goes to the end user as images anybody can open, with a fallback for devices that show none', async () => {
    const id = await service.handOff();
    const source = { base64: PIXEL };
    await service.agent(id, 'messages', { agent: JANE, content: { ...image, source } });
    await service.agent(id, 'messages', { agent: JANE, content: { ...image, source, caption: 'Your label' } });
    await service.agent(id, 'messages', { agent: JANE, text: 'See https://shop.example/returns' });
    await service.untilShown(id, 'HUMAN Jane Doe: See https://shop.example/returns');
    const [plain, card] = service
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
    const id = await service.handOff({}, service.begin({ textOnly: true }));
    await service.agent(id, 'messages', {
      agent: JANE,
      content: { ...image, source: { url: 'https://shop.example/a.png' } },
    });
    await service.untilShown(id, 'HUMAN Jane Doe: [image: label.png] https://shop.example/a.png');
  });
});

describe('signs of typing and reading', () => {
  const ANA = { id: 'a', name: 'Ana' };
  const BEN = { id: 'b', name: 'Ben' };

  /** A handoff in which Ana has spoken. */
  async function connected(): Promise<string> {
    const id = await service.handOff();
    await service.agent(id, 'messages', { agent: ANA, text: 'Hello' });
    await service.untilShown(id, 'HUMAN Ana: Hello');
    await eventually('all is said', async () => (await service.view(id)).pending === 0);
    return id;
  }

  const types = (id: string, agent: object = ANA) => service.agent(id, 'typing', { agent });
  const shownTyping = (id: string) => service.shown(id).filter((line) => line.startsWith('TYPING_STARTED'));
  /** What the platform was asked to show, whether it did or not. It reads no body of what it refuses. */
  const askedToShow = (id: string) =>
    service.simulator.journal.since().filter(({ kind, path, request }) => {
      const { eventType } = (request ?? {}) as { eventType?: string };
      // The fault that was asked for has an entry of its own.
      if (kind === 'fault') return false;
      return path === `/v1/conversations/${id}/events` && (eventType ?? 'TYPING_STARTED') === 'TYPING_STARTED';
    });
  const toldDesk = async (id: string) => {
    const { id: caseId } = await service.deskCase(id);
    const { data } = await axios.get<{ entries: { kind: string; path?: string }[] }>(
      `${service.deskUrl}/sandbox/journal`,
    );
    return data.entries.filter(({ kind, path }) => kind !== 'fault' && path === `/cases/${caseId}/presence`);
  };
  /** Whatever was said before it has been dealt with by now. */
  async function exchange(id: string, word: string): Promise<void> {
    service.write(`question ${word}`, id);
    await service.untilInCase(id, `Michael: question ${word}`);
    await service.agent(id, 'messages', { agent: ANA, text: `answer ${word}` });
    await service.untilShown(id, `HUMAN Ana: answer ${word}`);
  }

  test('go both ways, and leave nothing in the history of the handoff', async () => {
    const id = await connected();
    await exchange(id, 'one');
    const { messageId } = service.entries(id).findLast((entry) => entry.kind === 'end-user-message')!;
    const handle = service.client.workflow.getHandle(handoffId({ account: service.account, conversationId: id }));
    await eventually('all is said', async () => (await service.view(id)).relayed.outbound === 2);
    const { historyLength } = await handle.describe();

    service.simulator.endUsers.type(id);
    service.simulator.endUsers.read(id);
    await types(id);
    await service.agent(id, 'read', { agent: ANA, messageId });
    await eventually('the agent sees both', async () => {
      const { endUser } = await service.deskCase(id);
      return endUser.typingAt && endUser.readAt;
    });
    await eventually('the end user sees both', () => {
      const read = service.entries(id).some((entry) => entry.kind === 'end-user-message' && entry.readAt);
      return read && shownTyping(id).length > 0;
    });
    expect(shownTyping(id)).toEqual(['TYPING_STARTED Ana']);
    expect((await handle.describe()).historyLength).toBe(historyLength);
  });

  test('are shown once in a while, however often they come', async () => {
    const id = await connected();
    for (let i = 0; i < 5; i++) {
      service.simulator.endUsers.type(id);
      await types(id);
    }
    await exchange(id, 'after');
    expect(await toldDesk(id)).toHaveLength(1);
    expect(askedToShow(id)).toHaveLength(1);
  });

  test('are tried once', async () => {
    const id = await connected();
    const fault = (match: string) => ({ match, answer: 503 as const, times: 1, delayMs: 0 });
    service.simulator.faults.set({ api: { next: [fault('POST .*/events$')] } });
    service.desk.faults.set({ api: { next: [fault('POST .*/presence$')] } });
    service.simulator.endUsers.type(id);
    await types(id);
    await eventually('both were tried', async () => askedToShow(id).length > 0 && (await toldDesk(id)).length > 0);
    await exchange(id, 'after');
    expect(askedToShow(id)).toMatchObject([{ status: 503 }]);
    expect(await toldDesk(id)).toMatchObject([{ status: 503 }]);
    expect((await service.deskCase(id)).endUser.typingAt).toBeUndefined();
  });

  test('never overtake a message that waits', async () => {
    const id = await connected();
    const fault = { match: 'POST .*/messages$', answer: 503 as const, retryAfter: 4, times: 1, delayMs: 0 };
    service.simulator.faults.set({ api: { next: [{ ...fault }] } });
    service.desk.faults.set({ api: { next: [{ ...fault }] } });
    service.write('wait for me', id);
    service.simulator.endUsers.type(id);
    await service.agent(id, 'messages', { agent: ANA, text: 'and for me' });
    await types(id);
    await service.untilInCase(id, 'Michael: wait for me');
    await service.untilShown(id, 'HUMAN Ana: and for me');
    expect(askedToShow(id)).toEqual([]);
    expect(await toldDesk(id)).toEqual([]);
  });

  test('of an agent wait for the agent to have joined', async () => {
    const id = await connected();
    const fault = { match: 'POST .*/events$', answer: 503 as const, retryAfter: 4, times: 1, delayMs: 0 };
    service.simulator.faults.set({ api: { next: [fault] } });
    await service.agent(id, 'join', { agent: BEN });
    await types(id, BEN);
    await service.untilShown(id, 'JOINED Ben');
    expect(shownTyping(id)).toEqual([]);
  });
});

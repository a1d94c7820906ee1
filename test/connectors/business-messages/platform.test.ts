import express from 'express';
import type { VendorError } from '../../../connectors/shared/errors';
import type { Platform } from '../../../connectors/platform';
import type { MessageContent } from '../../../domain/message';
import { connect, listen, OTHER_KEYS, startSimulator, CLIENT_EMAIL, KEYS, type Running } from './setup';

const CONVERSATION = '3333';
const JANE = { name: 'Jane Doe', avatarUrl: 'https://live.agent/human-avatar.jpg' };
const jane = { type: 'HUMAN', agent: JANE } as const;
const bot = { type: 'BOT' } as const;
const text = (said: string): MessageContent => ({ kind: 'text', text: said });

const BOT_AS_SHOWN = {
  avatarImage: 'https://live.agent/bot-avatar.jpg',
  displayName: 'Hello World Agent',
  representativeType: 'BOT',
};
const JANE_AS_SHOWN = {
  avatarImage: 'https://live.agent/human-avatar.jpg',
  displayName: 'Jane Doe',
  representativeType: 'HUMAN',
};

describe('against the simulator', () => {
  let running: Awaited<ReturnType<typeof startSimulator>>;
  let platform: Platform;

  beforeEach(async () => {
    running = await startSimulator();
    ({ platform } = running);
    running.simulator.endUsers.write({ conversationId: CONVERSATION, text: 'Hi, I have a problem' });
  });
  afterEach(() => running.close());

  const timeline = () => running.simulator.endUsers.conversation(CONVERSATION).timeline;
  const breaches = () => running.simulator.journal.since().filter(({ kind }) => kind === 'breach');
  const tokenRequests = () => running.simulator.journal.since().filter(({ status }) => status === 401).length;

  test('a handoff is BOT, then JOINED, HUMAN and LEFT, then BOT again, each with name and avatar', async () => {
    const event = { conversationId: CONVERSATION, agent: JANE };
    const send = (messageId: string, representative: typeof bot | typeof jane, said: string) =>
      platform.send({ conversationId: CONVERSATION, messageId, representative, content: text(said) });
    await send('1', bot, 'I’ll pass this along.');
    await platform.representatives?.joined({ ...event, eventId: 'joined' });
    await send('2', jane, 'How can I help?');
    await platform.representatives?.left({ ...event, eventId: 'left' });
    await send('3', bot, 'Our assistant is here again.');

    expect(timeline().slice(1)).toMatchObject([
      { kind: 'agent-message', text: 'I’ll pass this along.', representative: BOT_AS_SHOWN },
      { kind: 'event', eventType: 'REPRESENTATIVE_JOINED', representative: JANE_AS_SHOWN },
      { kind: 'agent-message', text: 'How can I help?', representative: JANE_AS_SHOWN },
      { kind: 'event', eventType: 'REPRESENTATIVE_LEFT', representative: JANE_AS_SHOWN },
      { kind: 'agent-message', text: 'Our assistant is here again.', representative: BOT_AS_SHOWN },
    ]);
    expect(breaches()).toEqual([]);
  });

  test('what got through unseen and is sent again is there once, and a success', async () => {
    const fault = { match: '/(messages|events)$', answer: 'timeout-after-effect', delayMs: 0, times: 1 } as const;
    const joined = { conversationId: CONVERSATION, eventId: 'k/joined/0', agent: JANE };
    const message = { conversationId: CONVERSATION, messageId: 'k/out/1', representative: jane, content: text('Hi') };

    running.simulator.faults.set({ api: { next: [fault] } });
    await expect(platform.representatives?.joined(joined)).rejects.toMatchObject({ kind: 'ambiguous' });
    await platform.representatives?.joined(joined);
    running.simulator.faults.set({ api: { next: [fault] } });
    await expect(platform.send(message)).rejects.toMatchObject({ kind: 'ambiguous' });
    const { platformId } = await platform.send(message);

    expect(timeline().map(({ kind }) => kind)).toEqual(['end-user-message', 'event', 'agent-message']);
    expect(timeline()[2]).toMatchObject({ messageId: platformId });
  });

  test('the same id in another conversation is another message', async () => {
    running.simulator.endUsers.write({ conversationId: 'other', text: 'Hi' });
    const message = { messageId: '1', representative: bot, content: text('Hello') };
    const one = await platform.send({ ...message, conversationId: CONVERSATION });
    const other = await platform.send({ ...message, conversationId: 'other' });
    expect(one.platformId).not.toBe(other.platformId);
  });

  test('an unknown conversation is not-found', async () => {
    const lost = platform.send({ conversationId: 'nobody', messageId: '1', representative: bot, content: text('Hi') });
    await expect(lost).rejects.toMatchObject({ kind: 'not-found', details: { status: 403 } });
  });

  test('a token that was taken back is renewed once, unseen by the caller', async () => {
    const send = (messageId: string) =>
      platform.send({ conversationId: CONVERSATION, messageId, representative: bot, content: text('Hello') });
    await send('1');
    running.simulator.revokeTokens();
    await Promise.all([send('2'), send('3')]);
    expect(timeline()).toHaveLength(4);
    expect(tokenRequests()).toBe(2);
  });

  test('a typing agent is shown typing, and what the agent has read is marked as read', async () => {
    const { messageId } = running.simulator.endUsers.write({ conversationId: CONVERSATION, text: 'Hello?' });
    const presence = { caseKey: 'k', agent: JANE };
    await platform.presence?.show(CONVERSATION, { ...presence, type: 'typing' });
    await platform.presence?.show(CONVERSATION, { ...presence, type: 'read', messageId });
    expect(timeline().at(-1)).toMatchObject({ eventType: 'TYPING_STARTED', representative: JANE_AS_SHOWN });
    expect(timeline()[1]).toMatchObject({ messageId, readAt: expect.any(String) });
  });

  test('closing has nothing to close, and asks for no survey where none is wanted', async () => {
    await platform.close(CONVERSATION);
    expect(timeline()).toHaveLength(1);
    expect(await platform.isClosed(CONVERSATION)).toBe(true);
  });

  test('closing asks once a day where a survey is wanted, and is a success the second time', async () => {
    const baseUrl = `${running.url}/business-messages`;
    const serviceAccount = { clientEmail: CLIENT_EMAIL, privateKey: KEYS.privateKey, tokenUri: `${baseUrl}/token` };
    const asking = connect({ baseUrl, serviceAccount, surveyAfterClose: true });
    await asking.close(CONVERSATION);
    await asking.close(CONVERSATION);
    expect(timeline().filter(({ kind }) => kind === 'survey')).toHaveLength(1);
  });

  test('a survey that is refused as one too many stops no other call', async () => {
    const baseUrl = `${running.url}/business-messages`;
    const serviceAccount = { clientEmail: CLIENT_EMAIL, privateKey: KEYS.privateKey, tokenUri: `${baseUrl}/token` };
    const asking = connect({ baseUrl, serviceAccount, surveyAfterClose: true });
    const fault = { match: '/surveys$', answer: 429, retryAfter: 60, delayMs: 0, times: 1 } as const;
    running.simulator.faults.set({ api: { next: [fault] } });
    await asking.close(CONVERSATION);
    await asking.send({ conversationId: CONVERSATION, messageId: '1', representative: bot, content: text('Hello') });
    expect(timeline().at(-1)).toMatchObject({ text: 'Hello' });
  });

  test('an image is shown, with its caption on a card, and as a link to those who cannot see it', async () => {
    running.simulator.endUsers.write({ conversationId: 'old-phone', text: 'Hi', textOnly: true });
    const image: MessageContent = {
      kind: 'file',
      media: 'image',
      source: { url: 'https://files.example/1' },
      mimeType: 'image/png',
      name: 'plan.png',
    };
    const send = (conversationId: string, messageId: string, content: MessageContent) =>
      platform.send({ conversationId, messageId, representative: bot, content });
    await send(CONVERSATION, '1', image);
    await send(CONVERSATION, '2', { ...image, caption: 'The plan' });
    await send('old-phone', '1', image);

    const contentInfo = { fileUrl: 'https://files.example/1', altText: 'plan.png' };
    expect(timeline()[1]).toMatchObject({ shown: 'content', image: { contentInfo } });
    const cardContent = { description: 'The plan', media: { contentInfo: { fileUrl: 'https://files.example/1' } } };
    expect(timeline()[2]).toMatchObject({ richCard: { standaloneCard: { cardContent } } });
    expect(running.simulator.endUsers.conversation('old-phone').timeline[1]).toMatchObject({
      shown: 'fallback',
      fallback: '[image: plan.png] https://files.example/1',
    });
  });

  test.each<[string, MessageContent, string]>([
    [
      'a document is a text with its link',
      { kind: 'file', media: 'document', source: { url: 'https://files.example/a.pdf' }, name: 'a.pdf' },
      '[document: a.pdf] https://files.example/a.pdf',
    ],
    [
      'an image of a kind the platform does not show is a text with its link',
      { kind: 'file', media: 'image', source: { url: 'https://files.example/a.gif' }, name: 'a.gif' },
      '[image: a.gif] https://files.example/a.gif',
    ],
    [
      'a location is a link to a map',
      { kind: 'location', latitude: 45.8, longitude: 15.97, label: 'Zagreb' },
      'Zagreb https://www.google.com/maps/search/?api=1&query=45.8,15.97',
    ],
  ])('%s', async (_promise, content, expected) => {
    await platform.send({ conversationId: CONVERSATION, messageId: '1', representative: bot, content });
    expect(timeline()[1]).toMatchObject({ text: expected });
  });

  test('a file that nobody outside can open is unsupported, and not sent', async () => {
    const content: MessageContent = { kind: 'file', media: 'image', source: { contactCenterFile: 'f1' } };
    const sent = platform.send({ conversationId: CONVERSATION, messageId: '1', representative: bot, content });
    await expect(sent).rejects.toMatchObject({ kind: 'unsupported' });
    expect(timeline()).toHaveLength(1);
  });

  test('an agent without a picture gets the default one', async () => {
    const baseUrl = `${running.url}/business-messages`;
    const serviceAccount = { clientEmail: CLIENT_EMAIL, privateKey: KEYS.privateKey, tokenUri: `${baseUrl}/token` };
    const own = connect({ baseUrl, serviceAccount, defaultAgentAvatar: 'https://live.agent/anybody.png' });
    await own.representatives?.joined({ conversationId: CONVERSATION, eventId: 'e', agent: { name: 'Marko' } });
    const shown = { displayName: 'Marko', avatarImage: 'https://live.agent/anybody.png' };
    expect(timeline()[1]).toMatchObject({ representative: shown });
  });

  test('wrong credentials are unauthorized', async () => {
    const baseUrl = `${running.url}/business-messages`;
    const serviceAccount = {
      clientEmail: CLIENT_EMAIL,
      privateKey: OTHER_KEYS.privateKey,
      tokenUri: `${baseUrl}/token`,
    };
    const stranger = connect({ baseUrl, serviceAccount });
    const sent = stranger.send({
      conversationId: CONVERSATION,
      messageId: '1',
      representative: bot,
      content: text('Hi'),
    });
    await expect(sent).rejects.toMatchObject({ kind: 'unauthorized' });
  });
});

describe('against answers of any kind', () => {
  let running: Running;
  let answer: { status: number; body: unknown; headers?: Record<string, string> };
  let tokens: number;
  let platform: Platform;

  beforeEach(async () => {
    tokens = 0;
    const app = express();
    app.post('/token', (_req, res) => {
      res.json({ access_token: `token-${++tokens}`, expires_in: 3600 });
    });
    app.use(
      (_req, res) =>
        void res
          .set(answer.headers ?? {})
          .status(answer.status)
          .send(answer.body),
    );
    running = await listen(app);
    const serviceAccount = { clientEmail: CLIENT_EMAIL, privateKey: KEYS.privateKey, tokenUri: `${running.url}/token` };
    platform = connect({ baseUrl: running.url, serviceAccount });
  });
  afterEach(() => running.close());

  const send = () =>
    platform.send({ conversationId: '3333', messageId: '1', representative: bot, content: text('a secret text') });
  const refusal = (status: number, word: string) => ({
    status,
    body: { error: { code: status, message: 'why', status: word } },
  });

  test.each([
    [400, 'INVALID_ARGUMENT', 'rejected'],
    [400, 'FAILED_PRECONDITION', 'unsupported'],
    [401, 'UNAUTHENTICATED', 'unauthorized'],
    [403, 'PERMISSION_DENIED', 'not-found'],
    [404, 'NOT_FOUND', 'not-found'],
    [409, 'ABORTED', 'ambiguous'],
    [429, 'RESOURCE_EXHAUSTED', 'rate-limited'],
    [500, 'INTERNAL', 'ambiguous'],
    [503, 'UNAVAILABLE', 'unavailable'],
    [504, 'DEADLINE_EXCEEDED', 'ambiguous'],
  ])('%i %s is %s', async (status, word, kind) => {
    answer = refusal(status, word);
    await expect(send()).rejects.toMatchObject({ kind, message: expect.stringContaining(`${word}: why`) });
  });

  test.each<[number, unknown, string]>([
    [400, '<html>Bad Request</html>', 'unavailable'],
    [403, '<html>Forbidden</html>', 'unavailable'],
    [404, '<html>Not Found</html>', 'unavailable'],
    [404, { error: 'no route' }, 'unavailable'],
    [404, { error: { code: 404, message: 'no route' } }, 'unavailable'],
    [409, '<html>Conflict</html>', 'unavailable'],
    [410, '<html>Gone</html>', 'unavailable'],
    [413, '<html>Too Large</html>', 'unavailable'],
    [429, '<html>Slow down</html>', 'rate-limited'],
    [502, '<html>Bad Gateway</html>', 'ambiguous'],
    [503, '<html>Unavailable</html>', 'unavailable'],
  ])('a proxy that answers %i with %j refuses nothing for good', async (status, body, kind) => {
    answer = { status, body };
    await expect(send()).rejects.toMatchObject({ kind, details: { status } });
  });

  test('how long to wait is passed on, and neither text nor token is in the error', async () => {
    answer = { ...refusal(429, 'RESOURCE_EXHAUSTED'), headers: { 'retry-after': '7' } };
    const error = (await send().catch((thrown: unknown) => thrown)) as VendorError;
    expect(error.details.retryAfterMs).toBe(7000);
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toMatch(/secret text|token-1/);
  });

  test('a message that exists already is a success', async () => {
    answer = refusal(409, 'ALREADY_EXISTS');
    await expect(send()).resolves.toEqual({ platformId: expect.any(String) });
  });

  test('one token serves many calls, also those at the same time', async () => {
    answer = { status: 200, body: {} };
    await Promise.all([send(), send(), send()]);
    await send();
    expect(tokens).toBe(1);
  });

  test('a new token that is refused too is the end of it', async () => {
    answer = refusal(401, 'UNAUTHENTICATED');
    await expect(send()).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(tokens).toBe(2);
  });
});

describe('what the platform cannot do', () => {
  const platform = connect();

  test('a conversation cannot be read, and its context is empty', async () => {
    expect(platform.history).toBeUndefined();
    expect(await platform.readContext('3333')).toEqual({ tags: [], attributes: {} });
  });

  test('a case is noted nowhere', async () => {
    const link = { handoffId: 'h', contactCenter: 'support', case: { id: '1' } };
    await expect(platform.link('3333', link)).resolves.toBeUndefined();
  });
});

describe('settings', () => {
  test('a key from an environment variable may have its line ends written out', () => {
    const privateKey = KEYS.privateKey.replaceAll('\n', '\\n');
    expect(() => connect({ serviceAccount: { clientEmail: CLIENT_EMAIL, privateKey } })).not.toThrow();
  });

  test('what is no private key is said to be none, before the first call', () => {
    expect(() => connect({ serviceAccount: { clientEmail: CLIENT_EMAIL, privateKey: 'hunter2' } })).toThrow(
      /not an RSA private key/,
    );
  });
});

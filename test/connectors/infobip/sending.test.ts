import fc from 'fast-check';
import type { OutgoingMessage } from '../../../connectors/platform';
import { withCallContext } from '../../../connectors/shared/call-context';
import type { AgentPresence } from '../../../domain/events';
import type { MessageContent } from '../../../domain/message';
import { CLOSED, connectorTo, Fake, listing, notFound, refusal, type Seen } from './fake';

const CONVERSATION = '/ccaas/1/conversations/c1';
const MESSAGES = `${CONVERSATION}/messages`;
const REPLY_TO = { channel: 'WHATSAPP', from: '447860099299', to: '385911234567' };
const BAD = refusal(400, 'BAD_REQUEST', 'Bad request');

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

function outgoing(content: MessageContent | string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    conversationId: 'c1',
    messageId: 'ours-1',
    representative: { type: 'HUMAN', agent: { name: 'Ana' } },
    content: typeof content === 'string' ? { kind: 'text', text: content } : content,
    replyTo: REPLY_TO,
    ...more,
  };
}

const send = (content: MessageContent | string, more?: Partial<OutgoingMessage>) =>
  connectorTo(fake.url).send(outgoing(content, more));

/** The API takes a message, and answers as it does: with fields of its own. */
function takeMessages() {
  let sent = 0;
  fake.on(`POST ${MESSAGES}`, ({ body }) => ({
    body: { ...(body as object), id: `p${++sent}`, direction: 'OUTBOUND', createdAt: '2024-01-01T00:00:00.000+00:00' },
  }));
}

const bodies = () => fake.asked(`POST ${MESSAGES}`).map(({ body }) => body as { content: { text: string } });

test('a text goes to the address of the message it answers', async () => {
  takeMessages();
  await expect(send('Hello')).resolves.toEqual({ platformId: 'p1' });
  expect(bodies()).toEqual([{ ...REPLY_TO, contentType: 'TEXT', content: { text: 'Hello' } }]);
  expect(fake.seen).toHaveLength(1);
  expect(fake.seen[0]?.headers).not.toHaveProperty('x-agent-id');
});

test('without a known address the last inbound message is answered', async () => {
  takeMessages();
  const inbound = { channel: 'VIBER', direction: 'INBOUND', from: 'user', to: 'sender' };
  fake.on(
    `GET ${MESSAGES}`,
    listing('messages', [
      { ...inbound, id: 'old', from: 'other' },
      { ...inbound, id: 'new' },
    ]),
  );
  await send('Hello', { replyTo: undefined });
  expect(bodies()).toMatchObject([{ channel: 'VIBER', from: 'sender', to: 'user' }]);
  expect(fake.asked(`GET ${MESSAGES}`)[0]?.query.get('direction')).toBe('INBOUND');
});

test('where nobody has written, nobody can be answered', async () => {
  fake.on(`GET ${MESSAGES}`, listing('messages', []));
  await expect(send('Hello', { replyTo: undefined })).rejects.toMatchObject({ kind: 'rejected' });
});

test.each<[MessageContent, object]>([
  [
    { kind: 'file', media: 'image', source: { url: 'https://f/a.png' }, caption: 'Look' },
    { contentType: 'IMAGE', content: { url: 'https://f/a.png', caption: 'Look' } },
  ],
  [
    { kind: 'file', media: 'video', source: { url: 'https://f/a.mp4' } },
    { contentType: 'VIDEO', content: { url: 'https://f/a.mp4' } },
  ],
  [
    { kind: 'file', media: 'document', source: { url: 'https://f/a.pdf' }, name: 'a.pdf' },
    { contentType: 'DOCUMENT', content: { url: 'https://f/a.pdf' } },
  ],
  [
    { kind: 'location', latitude: 51.17, longitude: -1.82, label: 'Stonehenge' },
    { contentType: 'LOCATION', content: { latitude: 51.17, longitude: -1.82, locationName: 'Stonehenge' } },
  ],
  [
    { kind: 'other', type: 'survey', text: 'How was it?' },
    { contentType: 'TEXT', content: { text: 'How was it?' } },
  ],
])('%j goes as what Infobip calls it', async (content, expected) => {
  takeMessages();
  await send(content);
  expect(bodies()).toEqual([{ ...REPLY_TO, ...expected }]);
});

test('audio takes no caption, so that follows as a text', async () => {
  takeMessages();
  await send({ kind: 'file', media: 'audio', source: { url: 'https://f/a.mp3' }, caption: 'Listen' });
  expect(bodies()).toMatchObject([
    { contentType: 'AUDIO', content: { url: 'https://f/a.mp3' } },
    { contentType: 'TEXT', content: { text: 'Listen' } },
  ]);
});

test('a file that is not at a URL is unsupported, and nothing is sent', async () => {
  const content = { kind: 'file', media: 'image', source: { contactCenterFile: 'f1' } } as const;
  await expect(send(content)).rejects.toMatchObject({ kind: 'unsupported' });
  expect(fake.seen).toHaveLength(0);
});

test('no text over 4,096 characters reaches the API, and none of it is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.integer({ min: 1, max: 900 }),
      async (piece, times) => {
        const text = piece.repeat(times);
        fake.reset();
        takeMessages();
        await send(text);
        const texts = bodies().map(({ content }) => content.text);
        expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(4096);
        expect(texts.join('')).toBe(text);
      },
    ),
    { numRuns: 15 },
  );
});

const asAgent = ({ headers }: Seen) => headers['x-agent-id'];

test('in an assigned conversation the message goes in its agent’s name', async () => {
  takeMessages();
  await send('Hello', { replyTo: { ...REPLY_TO, agentId: 'agent-1' } });
  expect(fake.asked(`POST ${MESSAGES}`).map(asAgent)).toEqual(['agent-1']);
});

test.each([
  ['assigned since', undefined, 'agent-2', [undefined, 'agent-2']],
  ['assigned to another since', 'agent-1', 'agent-2', ['agent-1', 'agent-2']],
  ['unassigned since', 'agent-1', undefined, ['agent-1', undefined]],
  ['assigned to the bot', 'bot-1', 'bot-1', ['bot-1', undefined]],
])('a conversation %s is answered at the second try', async (_, agentId, assigned, tried) => {
  let tries = 0;
  fake.on(`POST ${MESSAGES}`, () => (++tries === 1 ? BAD : { body: { id: 'p1' } }));
  fake.on(`GET ${CONVERSATION}`, { body: { id: 'c1', agentId: assigned ?? null } });
  const replyTo = { ...REPLY_TO, ...(agentId && { agentId }) };
  await expect(send('Hello', { replyTo })).resolves.toEqual({ platformId: 'p1' });
  expect(fake.asked(`POST ${MESSAGES}`).map(asAgent)).toEqual(tried);
});

test('a refusal that is not about the agent is not tried again', async () => {
  fake.on(`POST ${MESSAGES}`, BAD);
  fake.on(`GET ${CONVERSATION}`, { body: { id: 'c1' } });
  await expect(send('Hello')).rejects.toMatchObject({ kind: 'rejected' });
  expect(fake.asked(`POST ${MESSAGES}`)).toHaveLength(1);
});

test('a closed and an unknown conversation are different failures, and asked once', async () => {
  fake.on(`POST ${MESSAGES}`, CLOSED);
  await expect(send('Hello')).rejects.toMatchObject({ kind: 'conversation-closed' });
  fake.on(`POST ${MESSAGES}`, notFound('c1'));
  await expect(send('Hello')).rejects.toMatchObject({ kind: 'not-found' });
  expect(fake.seen).toHaveLength(2);
});

test('an answer that cannot be read leaves open whether the message was sent', async () => {
  fake.on(`POST ${MESSAGES}`, { body: 'accepted' });
  await expect(send('Hello')).rejects.toMatchObject({ kind: 'ambiguous' });
});

test('a failure after a first part has had an effect, whatever it was', async () => {
  const limited = refusal(429, 'TOO_MANY_REQUESTS', 'Too many requests');
  let tries = 0;
  fake.on(`POST ${MESSAGES}`, () => (++tries === 1 ? { body: { id: 'p1' } } : limited));
  await expect(send('a'.repeat(5000))).rejects.toMatchObject({ kind: 'ambiguous' });
  fake.on(`POST ${MESSAGES}`, limited);
  await expect(send('a'.repeat(5000))).rejects.toMatchObject({ kind: 'rate-limited' });
});

test('where the conversation is assigned to an agent nobody knows any more, the agent of now is asked for', async () => {
  const unknown = refusal(400, 'NOT_FOUND', "Invalid agent id given 'agent-1'");
  fake.on(`POST ${MESSAGES}`, (seen) => (asAgent(seen) === 'agent-1' ? unknown : { body: { id: 'p1' } }));
  fake.on(`GET ${CONVERSATION}`, { body: { id: 'c1', agentId: 'agent-2' } });
  await expect(send('Hello', { replyTo: { ...REPLY_TO, agentId: 'agent-1' } })).resolves.toEqual({ platformId: 'p1' });
});

test('nothing is read back unless it is asked for', async () => {
  takeMessages();
  fake.on(
    `GET ${MESSAGES}`,
    listing('messages', [{ id: 'got-through', direction: 'OUTBOUND', content: { text: 'Hello' } }]),
  );
  await expect(send('Hello')).resolves.toEqual({ platformId: 'p1' });
  expect(fake.seen).toHaveLength(1);
});

describe('after an attempt with unknown end', () => {
  const stored = (id: string, text: string, more: object = {}) => ({
    id,
    direction: 'OUTBOUND',
    createdAt: '2026-01-01T00:00:01.000+00:00',
    contentType: 'TEXT',
    content: { text, showUrlPreview: null },
    ...more,
  });
  const readBack = { since: '2026-01-01T00:00:00.000Z', knownIds: ['known'] };
  const found = (...items: object[]) => fake.on(`GET ${MESSAGES}`, listing('messages', items));
  beforeEach(takeMessages);

  test('a message that had got through is not sent again', async () => {
    found(stored('other', 'Something else'), stored('got-through', 'Hello'));
    await expect(send('Hello ', { readBack })).resolves.toEqual({ platformId: 'got-through' });
    expect(bodies()).toHaveLength(0);
    expect(decodeURIComponent(fake.seen[0]!.search)).toContain('createdAfter=2025-12-31T23:59:00.000+0000');
    expect(fake.seen[0]!.query.get('direction')).toBe('OUTBOUND');
  });

  test.each([
    ['the bot', { authorType: 'BOT' }],
    ['the system', { authorType: 'SYSTEM' }],
    ['the end user', { authorType: 'CUSTOMER' }],
    ['the end user, by its direction', { direction: 'INBOUND' }],
    ['anyone before our attempts', { createdAt: '2025-12-31T23:00:00.000+00:00' }],
  ])('the same words by %s are not our message, which is sent', async (_, more) => {
    found(stored('theirs', 'Hello', more));
    await expect(send('Hello', { readBack })).resolves.toEqual({ platformId: 'p1' });
    expect(bodies()).toHaveLength(1);
  });

  test('a message that Infobip calls an agent’s is ours', async () => {
    found(stored('got-through', 'Hello', { authorType: 'AGENT', authorId: 'agent-1' }));
    await expect(send('Hello', { readBack })).resolves.toEqual({ platformId: 'got-through' });
  });

  test('an equal message that is known to be another one does not count', async () => {
    found(stored('known', 'Hello'));
    await expect(send('Hello', { readBack })).resolves.toEqual({ platformId: 'p1' });
    expect(bodies()).toHaveLength(1);
  });

  test('of several that could be it, the earliest one counts', async () => {
    found(stored('known', 'Hello'), stored('first', 'Hello'), stored('second', 'Hello'));
    await expect(send('Hello', { readBack })).resolves.toEqual({ platformId: 'first' });
  });

  test('of a message in several parts only the missing ones are sent', async () => {
    const [first, second] = ['a'.repeat(4096), 'b'.repeat(10)];
    found(stored('part-1', first));
    await expect(send(first + second, { readBack })).resolves.toEqual({ platformId: 'p1' });
    expect(bodies().map(({ content }) => content.text)).toEqual([second]);
  });

  test('equal parts need a message each', async () => {
    const part = 'a'.repeat(4096);
    found(stored('part-1', part));
    await send(part + part, { readBack });
    expect(bodies()).toHaveLength(1);
  });

  test('a place is known again, though Infobip writes its numbers as strings', async () => {
    const content = { latitude: '51.17', longitude: '-1.82', locationName: null, address: null };
    found(stored('got-through', '', { contentType: 'LOCATION', content }));
    const place = { kind: 'location', latitude: 51.17, longitude: -1.82 } as const;
    await expect(send(place, { readBack })).resolves.toEqual({ platformId: 'got-through' });
  });

  describe('a file', () => {
    const storedFile = (url: string, more: object = {}) =>
      stored('got-through', '', { contentType: 'IMAGE', content: { url, caption: null }, ...more });
    const sendFile = (url: string, more: object = {}) =>
      send({ kind: 'file', media: 'image', source: { url }, ...more }, { readBack });

    test.each([
      ['an equal URL', 'https://f/a.png', 'https://f/a.png'],
      ['another signature', 'https://f/a.png?signature=1', 'https://f/a.png?signature=2'],
      ['another token', 'https://us/media/token-1/m1-0-a.png', 'https://us/media/token-2/m1-0-a.png'],
      ['another of our addresses', 'https://us/media/token-1/m1-0-a.png', 'https://us2/base/media/t/m1-0-a.png?x=1'],
    ])('with %s is the same file, and not sent again', async (_, before, now) => {
      found(storedFile(before));
      await expect(sendFile(now)).resolves.toEqual({ platformId: 'got-through' });
      expect(bodies()).toHaveLength(0);
    });

    test.each([
      ['name in our link', 'https://us/media/token/m1-0-a.png', 'https://us/media/token/m2-0-a.png'],
      ['folder elsewhere', 'https://f/1/download', 'https://f/2/download'],
      ['host elsewhere', 'https://f/a.png', 'https://g/a.png'],
    ])('with another %s is another file', async (_, before, now) => {
      found(storedFile(before));
      await expect(sendFile(now)).resolves.toEqual({ platformId: 'p1' });
    });

    test('of another type, or with another caption, is another message', async () => {
      found(storedFile('https://f/a', { contentType: 'VIDEO' }));
      await expect(sendFile('https://f/a')).resolves.toEqual({ platformId: 'p1' });
      found(storedFile('https://f/a'));
      await expect(sendFile('https://f/a', { caption: 'Look' })).resolves.toEqual({ platformId: 'p2' });
    });
  });
});

describe('presence', () => {
  const typing = { type: 'typing', caseKey: 'k', agent: { name: 'Ana' } } as const;
  const show = (presence: AgentPresence, channel: string) =>
    connectorTo(fake.url).presence!.show('c1', presence, { ...REPLY_TO, channel });
  beforeEach(() => fake.on(`POST ${CONVERSATION}/events`, { body: '' }));

  test('an agent who types is shown on the channels that can', async () => {
    await show(typing, 'LIVE_CHAT');
    await show(typing, 'SMS');
    expect(fake.seen.map(({ body }) => body)).toEqual([{ ...REPLY_TO, channel: 'LIVE_CHAT', type: 'TYPING_STARTED' }]);
  });

  test('that an agent has read cannot be shown', async () => {
    await show({ ...typing, type: 'read', messageId: 'm1' }, 'LIVE_CHAT');
    expect(fake.seen).toHaveLength(0);
  });
});

describe('within the rate limit', () => {
  test('no more calls start than the setting allows', async () => {
    takeMessages();
    const connector = connectorTo(fake.url, { rateLimit: { perSecond: 0.1, burst: 2 } });
    await connector.send(outgoing('one'));
    await connector.send(outgoing('two'));
    const stop = new AbortController();
    const context = { signal: stop.signal, priority: 'relay', check: () => undefined } as const;
    const third = withCallContext(context, () => connector.send(outgoing('three')));
    stop.abort();
    await expect(third).rejects.toMatchObject({ message: /interrupted before it was sent/ });
    expect(bodies()).toHaveLength(2);
  });

  test('sending goes on where messages cannot be read', async () => {
    takeMessages();
    const limited = refusal(429, 'TOO_MANY_REQUESTS', 'Too many requests');
    fake.on(`GET ${MESSAGES}`, { ...limited, headers: { 'retry-after': '60' } });
    const connector = connectorTo(fake.url);
    await expect(connector.history!.read('c1', {})).rejects.toMatchObject({ kind: 'rate-limited' });
    await expect(connector.send(outgoing('Hello'))).resolves.toEqual({ platformId: 'p1' });
  });
});

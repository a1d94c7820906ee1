import { WebhookError } from '../../../connectors/shared/errors';
import type { PlatformWebhook } from '../../../connectors/platform';
import { MESSAGE, TYPING } from '../../support/business-messages-examples';
import { CLIENT_TOKEN, connect, sign } from './setup';

const platform = connect({
  webhook: { clientToken: CLIENT_TOKEN, previousTokens: ['the-token-before'], partnerKey: 'partner-key' },
});

function parse(body: string, signature: string | undefined = sign(body)): Promise<PlatformWebhook> {
  return platform.parseWebhook({ rawBody: Buffer.from(body), headers: { 'x-goog-signature': signature } });
}

/** A webhook with this in it, beside what they all have. */
function withPart(part: object): Promise<PlatformWebhook> {
  return parse(JSON.stringify({ conversationId: '3333', requestId: 'r1', sendTime: '2020-10-02T15:05:24Z', ...part }));
}

async function saidIn(part: object): Promise<unknown> {
  const { events } = await withPart(part);
  return events.map(({ event }) => 'message' in event && event.message.content);
}

describe('the published examples', () => {
  test('typing is presence, and no event', async () => {
    expect(await parse(TYPING)).toEqual({
      events: [],
      presence: [{ conversationId: '3333', presence: { type: 'typing' } }],
      about: '3333',
      ignored: [],
    });
  });

  test('a message is an event, known by its message id, at the time it was written', async () => {
    expect(await parse(MESSAGE)).toEqual({
      events: [
        {
          conversationId: '3333',
          event: {
            type: 'inbound',
            message: {
              id: '4444',
              at: '2020-10-02T15:05:23.045Z',
              author: 'Michael',
              content: { kind: 'text', text: 'Hi, I have a problem' },
            },
          },
        },
      ],
      presence: [],
      about: '3333',
      ignored: [],
    });
  });
});

describe('P35: signatures', () => {
  test.each(['client-token-of-the-tests', 'the-token-before', 'partner-key'])('a body signed with %s', async (key) => {
    await expect(parse(MESSAGE, sign(MESSAGE, key))).resolves.toMatchObject({ about: '3333' });
  });

  test.each([
    ['no signature', ''],
    ['the signature of another key', sign(MESSAGE, 'somebody-else')],
    ['the signature of another body', sign(`${MESSAGE} `)],
    ['a signature that was cut short', sign(MESSAGE).slice(0, 40)],
  ])('%s is unauthorized', async (_case, signature) => {
    await expect(parse(MESSAGE, signature)).rejects.toMatchObject({ name: 'WebhookError', reason: 'unauthorized' });
  });

  test('a list of signatures is unauthorized, even with the right one in it', async () => {
    const headers = { 'x-goog-signature': [sign(MESSAGE)] };
    const parsed = platform.parseWebhook({ rawBody: Buffer.from(MESSAGE), headers });
    await expect(parsed).rejects.toThrow(WebhookError);
  });

  test('what is signed and no JSON is malformed', async () => {
    await expect(parse('{"conversationId":')).rejects.toMatchObject({ reason: 'malformed' });
  });

  test('what is neither signed nor JSON is unauthorized', async () => {
    await expect(parse('{"conversationId":', '')).rejects.toMatchObject({ reason: 'unauthorized' });
  });
});

describe('the handshake', () => {
  test('is answered with its secret, signed or not', async () => {
    const handshake = JSON.stringify({ clientToken: CLIENT_TOKEN, secret: 's3cret' });
    for (const signature of ['', sign(handshake)]) {
      expect(await parse(handshake, signature)).toMatchObject({ events: [], replyText: 's3cret' });
    }
  });

  test('with another client token is refused, even where it is signed', async () => {
    const handshake = JSON.stringify({ clientToken: 'wrong', secret: 's3cret' });
    for (const signature of ['', sign(handshake)]) {
      await expect(parse(handshake, signature)).rejects.toMatchObject({ reason: 'unauthorized' });
    }
  });

  test('does not let a message through without a signature', async () => {
    const body = JSON.stringify({ ...JSON.parse(MESSAGE), clientToken: CLIENT_TOKEN, secret: 's3cret' });
    await expect(parse(body, '')).rejects.toMatchObject({ reason: 'unauthorized' });
  });
});

describe('the ids of messages', () => {
  const idOf = async (part: object) => {
    const [found] = (await withPart(part)).events;
    return found && 'message' in found.event && found.event.message.id;
  };

  test('are the request id where there is no message id', async () => {
    expect(await idOf({ message: { text: 'hello' } })).toBe('r1');
  });

  test('are the same for the same bytes where there is neither, and differ for others', async () => {
    const once = await idOf({ requestId: undefined, message: { text: 'hello' } });
    expect(await idOf({ requestId: undefined, message: { text: 'hello' } })).toBe(once);
    expect(await idOf({ requestId: undefined, message: { text: 'hello!' } })).not.toBe(once);
  });
});

test('what one webhook says twice over is two messages, also where it gives them no ids', async () => {
  const dialogflowResponse = { autoRespondedMessages: [{ message: { text: 'At nine.' } }] };
  const { events } = await withPart({ message: { text: 'When?' }, dialogflowResponse });
  expect(events.map(({ event }) => 'message' in event && event.message.id)).toEqual(['r1', 'r1/2']);
});

describe('times', () => {
  const timeOf = async (part: object) => {
    const [found] = (await withPart(part)).events;
    return found && 'message' in found.event && found.event.message.at;
  };

  test('come from when it was sent where it does not say when it was written', async () => {
    expect(await timeOf({ message: { text: 'hello', createTime: 'yesterday' } })).toBe('2020-10-02T15:05:24.000Z');
  });

  test('are those of the arrival where nothing else is known', async () => {
    const before = Date.now();
    const at = await timeOf({ sendTime: undefined, message: { text: 'hello' } });
    expect(Date.parse(String(at))).toBeGreaterThanOrEqual(before);
  });
});

describe('what an end user does', () => {
  test.each([true, 'true'])('isTyping %j is typing', async (isTyping) => {
    expect((await withPart({ userStatus: { isTyping } })).presence).toHaveLength(1);
  });

  test.each([false, 'false'])('isTyping %j is nothing to show', async (isTyping) => {
    expect(await withPart({ userStatus: { isTyping } })).toMatchObject({ presence: [], ignored: ['typing-stopped'] });
  });

  test.each(['type', 'suggestionType'])('a tapped suggestion is said in its own words (kind in %s)', async (field) => {
    const tapped = { message: 'conversations/3333/messages/1', text: 'Yes', postbackData: 'y', [field]: 'REPLY' };
    expect(await saidIn({ suggestionResponse: tapped })).toEqual([{ kind: 'text', text: 'Yes' }]);
  });

  test('an image is a file, where its address is signed and on the storage of Google', async () => {
    const url = 'https://storage.googleapis.com/bucket/1/image?x-goog-expires=604800&x-goog-signature=abc';
    const file = { kind: 'file', media: 'image', source: { url } };
    expect(await saidIn({ message: { messageId: 'm', text: url } })).toEqual([file]);
  });

  test.each([
    'https://storage.googleapis.com.evil.example/image?x-goog-signature=abc',
    'https://evil.example/storage.googleapis.com/image?x-goog-signature=abc',
    'https://storage.googleapis.com@evil.example/image?x-goog-signature=abc',
    'https://user@storage.googleapis.com/image?x-goog-signature=abc',
    'https://storage.googleapis.com:8443/image?x-goog-signature=abc',
    'http://storage.googleapis.com/image?x-goog-signature=abc',
    'https://evilstorage.googleapis.com/image?x-goog-signature=abc',
    'https://storage.googleapis.com/image',
    'look: https://storage.googleapis.com/image?x-goog-signature=abc',
  ])('%s stays a text', async (text) => {
    expect(await saidIn({ message: { messageId: 'm', text } })).toEqual([{ kind: 'text', text }]);
  });

  test('a survey’s answer is a line for the agent', async () => {
    const surveyResponse = { survey: 'conversations/3333/surveys/1', rating: '5', feedback: 'Very quick' };
    expect(await saidIn({ surveyResponse })).toEqual([
      { kind: 'other', type: 'survey', text: '[survey answer: 5, Very quick]' },
    ]);
  });

  test.each(['redirect_uri', 'redirectUri'])('a sign-in reaches the agent without its code (%s)', async (field) => {
    const authenticationResponse = { code: 'c0de', [field]: 'https://shop.example/callback?state=1' };
    expect(await saidIn({ authenticationResponse })).toEqual([
      { kind: 'other', type: 'authentication', text: '[signed in at shop.example]' },
    ]);
  });

  test('a sign-in that failed says why', async () => {
    const authenticationResponse = { errorDetails: { error: 'access_denied', errorDescription: 'Cancelled' } };
    expect(await saidIn({ authenticationResponse })).toEqual([
      { kind: 'other', type: 'authentication', text: '[sign-in failed: Cancelled]' },
    ]);
  });

  test('what the platform answered by itself is a line for the agent, after the question', async () => {
    const dialogflowResponse = { autoResponded: true, autoRespondedMessages: [{ message: { text: 'At nine.' } }] };
    expect(await saidIn({ message: { messageId: 'm', text: 'When?' }, dialogflowResponse })).toEqual([
      { kind: 'text', text: 'When?' },
      { kind: 'other', type: 'automatic-answer', text: '[automatic answer: At nine.]' },
    ]);
  });

  test('an answer out of the list of questions is a line for the agent: the likeliest, as it was sent', async () => {
    const answers = [
      { faqAnswer: 'At ten.', matchConfidence: 0.4 },
      { faqQuestion: 'When?', faqAnswer: 'At nine.', matchConfidenceLevel: 'HIGH', matchConfidence: 0.9 },
    ];
    const line = { kind: 'other', type: 'automatic-answer', text: '[automatic answer: At nine.]' };
    for (const autoResponded of [true, 'true', undefined]) {
      const dialogflowResponse = { queryText: 'When?', autoResponded, faqResponse: { answers } };
      expect(await saidIn({ dialogflowResponse })).toEqual([line]);
    }
  });

  test('an answer that the platform only proposes was not said, and does not reach the agent', async () => {
    const dialogflowResponse = { autoResponded: false, faqResponse: { answers: [{ faqAnswer: 'At nine.' }] } };
    expect(await saidIn({ message: { messageId: 'm', text: 'When?' }, dialogflowResponse })).toEqual([
      { kind: 'text', text: 'When?' },
    ]);
  });

  test('several receipts in one webhook are one reading; what was only delivered is ignored', async () => {
    const receipts = ['DELIVERED', 'READ', 'READ'].map((receiptType, i) => ({ message: `m${i}`, receiptType }));
    expect(await withPart({ requestId: undefined, receipts: { receipts } })).toMatchObject({
      events: [],
      presence: [{ conversationId: '3333', presence: { type: 'read' } }],
      ignored: ['receipt'],
    });
  });

  test.each([
    { somethingNew: { text: 'hello' } },
    { message: { messageId: 'm' } },
    { message: 'hello' },
    { userStatus: { isTyping: 'perhaps' } },
    { dialogflowResponse: { autoResponded: false, queryText: 'When?' } },
  ])('%j is ignored, and no error', async (part) => {
    expect(await withPart(part)).toEqual({ events: [], presence: [], about: '3333', ignored: ['unknown-type'] });
  });

  test('what names no conversation is ignored, and no error', async () => {
    expect(await parse('{"hello":"world"}')).toEqual({ events: [], presence: [], ignored: ['unknown-type'] });
    expect(await parse('[]')).toMatchObject({ ignored: ['unknown-type'] });
  });
});

describe('the place a message comes from', () => {
  const from = async (messageId: string, context: object) => {
    const { events } = await withPart({ message: { messageId, text: 'Are you open?' }, context });
    return events.flatMap(({ event }) => ('message' in event ? [event.message] : []));
  };

  test('is a line for the agent after the message, with a map', async () => {
    const [message, place] = await from('m1', { placeId: 'ChIJ/1', userInfo: { displayName: 'Michael' } });
    expect(message).toMatchObject({ id: 'm1', content: { kind: 'text', text: 'Are you open?' } });
    const map = 'https://www.google.com/maps/search/?api=1&query=ChIJ%2F1&query_place_id=ChIJ%2F1';
    expect(place).toEqual({
      id: 'place/ChIJ/1',
      at: message!.at,
      author: 'Michael',
      content: { kind: 'other', type: 'place', text: `[place: ChIJ/1 ${map}]` },
    });
  });

  test('differs from a place nearby', async () => {
    const [, near] = await from('m1', { nearPlaceId: 'ChIJ2' });
    expect(near).toMatchObject({ id: 'near/ChIJ2', content: { text: expect.stringMatching(/^\[near: ChIJ2 http/) } });
    expect(await from('m1', { placeId: 'ChIJ2', nearPlaceId: 'ChIJ2' })).toHaveLength(2);
  });

  test('has the same id with each message, so that a handoff takes it once', async () => {
    const [one, two] = await Promise.all([from('m1', { placeId: 'p' }), from('m2', { placeId: 'p' })]);
    expect(two[1]?.id).toBe(one[1]?.id);
    expect(two[0]?.id).not.toBe(one[0]?.id);
  });

  test('is no message where nothing is said', async () => {
    expect((await withPart({ userStatus: { isTyping: true }, context: { placeId: 'p' } })).events).toEqual([]);
  });
});

describe('conversation ids', () => {
  test.each([
    ['an empty id', ''],
    ['a path segment', '..'],
    ['a control character', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud800'],
    ['an id that is too long', 'x'.repeat(191)],
  ])('%s is ignored, and no error', async (_what, conversationId) => {
    const message = { messageId: 'm', text: 'hello' };
    const found = await withPart({ conversationId, message, userStatus: { requestedLiveAgent: true } });
    expect(found).toEqual({ events: [], presence: [], ignored: ['invalid-id'] });
  });

  test('the longest one that can be used is used', async () => {
    const conversationId = 'x'.repeat(190);
    expect((await withPart({ conversationId, message: { text: 'hello' } })).events).toHaveLength(1);
  });
});

test('half a surrogate pair in a text arrives as the character that stands for the unreadable', async () => {
  expect(await saidIn({ message: { messageId: 'm', text: 'a\ud800b' } })).toEqual([{ kind: 'text', text: 'a\ufffdb' }]);
});

describe('who asks for an agent', () => {
  test('starts a handoff, with all that the context tells', async () => {
    const { context, agent, customAgentId } = JSON.parse(MESSAGE);
    const found = await withPart({
      agent,
      customAgentId,
      userStatus: { requestedLiveAgent: true },
      context: { ...context, resolvedLocale: 'en-GB', placeId: 'p1', widget: { url: 'https://shop.example/' } },
    });
    expect(found.events).toEqual([]);
    expect(found.requestsHandoff).toEqual({
      conversationId: '3333',
      requestId: 'r1',
      customer: { name: 'Michael', language: 'en-GB' },
      attributes: {
        agent: 'brands/1111/agents/2222',
        customAgentId: 'live-agent-handoff',
        entryPoint: 'PLACESHEET',
        locale: 'en-GB',
        deviceLocale: 'en',
        placeId: 'p1',
        widgetUrl: 'https://shop.example/',
      },
    });
  });

  test('starts a handoff without any context as well', async () => {
    const { requestsHandoff } = await withPart({ userStatus: { requestedLiveAgent: 'true' } });
    expect(requestsHandoff).toEqual({ conversationId: '3333', requestId: 'r1', customer: {}, attributes: {} });
  });

  test('is known by the same id when the webhook comes again, with a request id or without', async () => {
    const asks = (part: object) => withPart({ userStatus: { requestedLiveAgent: true, createTime: 't1' }, ...part });
    const idOf = async (part: object) => (await asks(part)).requestsHandoff?.requestId;
    const withoutId = await idOf({ requestId: undefined });
    expect(withoutId).toMatch(/^[0-9a-f]{64}$/);
    expect(await idOf({ requestId: undefined, sendTime: '2020-10-02T16:00:00Z' })).toBe(withoutId);
    expect(await idOf({ requestId: undefined, context: { entryPoint: 'MAPS' } })).toBe(withoutId);
    const later = { requestId: undefined, userStatus: { requestedLiveAgent: true, createTime: 't2' } };
    expect(await idOf(later)).not.toBe(withoutId);
    expect(await idOf({ requestId: undefined, conversationId: '4444' })).not.toBe(withoutId);
  });

  test('by an intent that means it starts a handoff', async () => {
    const intentResponses = [{ fulfillmentMessages: [{ text: 'One moment' }, { liveAgentHandoff: { metadata: {} } }] }];
    const { requestsHandoff } = await withPart({ dialogflowResponse: { intentResponses } });
    expect(requestsHandoff?.conversationId).toBe('3333');
  });
});

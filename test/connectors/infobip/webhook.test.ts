import { connectorTo, Fake, listing, notFound } from './fake';

const MESSAGES = '/ccaas/1/conversations/c1/messages';

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

function parse(body: unknown, verify: 'none' | 'read-back' = 'none') {
  const connector = connectorTo(fake.url, {
    webhook: { mode: 'subscription', secret: 'secret-of-the-test', verify },
  });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return connector.parseWebhook({ rawBody: Buffer.from(text), headers: {} });
}

/** As a subscription posts it: no content type, no direction and no author in the message. */
function inboundEvent(message: object = {}, payload: object = {}, type = 'INBOUND_MESSAGE') {
  return {
    type,
    timestamp: '2025-10-31T13:47:40.032+00:00',
    payload: {
      id: 'c1',
      shortId: '100',
      status: 'OPEN',
      queue: { id: 'q1', name: null },
      priority: 'NORMAL',
      channel: 'LIVE_CHAT',
      direction: 'INBOUND',
      assignee: null,
      customer: { id: 'p1', name: 'Ana', personId: '2500' },
      tags: [],
      message: {
        id: 'm1',
        messageId: 'platform-1',
        channel: 'LIVE_CHAT',
        from: 'user',
        to: 'widget',
        conversationId: 'c1',
        createdAt: '2025-10-31T13:47:39.000+00:00',
        content: { text: 'Hello' },
        ...message,
      },
      invoker: { type: 'SYSTEM', id: null, name: null },
      ...payload,
    },
  };
}

const HELLO = {
  conversationId: 'c1',
  event: {
    type: 'inbound',
    message: {
      id: 'm1',
      at: '2025-10-31T13:47:39.000Z',
      author: 'Ana',
      content: { kind: 'text', text: 'Hello' },
      replyTo: { channel: 'LIVE_CHAT', from: 'widget', to: 'user' },
    },
  },
};

/** As account configuration posts it: the message, with nothing around it. */
const LEGACY = {
  id: 'B3C502BC20CB3EA6031F863991E1D3A3',
  channel: 'VIBER',
  from: 'EndUsersNumber',
  to: 'InfobipSender',
  direction: 'INBOUND',
  conversationId: 'abcd',
  createdAt: '2021-05-18T15:15:25.737+00:00',
  updatedAt: '2021-05-18T15:15:25.737+00:00',
  content: { text: 'Hello', showUrlPreview: null },
  singleSendMessage: { content: { text: 'Hello', type: 'TEXT' }, channel: 'VIBER', direction: 'INBOUND' },
  contentType: 'TEXT',
};

test('a message of a subscription is an inbound event, with the address to answer', async () => {
  await expect(parse(inboundEvent())).resolves.toEqual({ events: [HELLO], presence: [], about: 'c1', ignored: [] });
  expect(fake.seen).toHaveLength(0);
});

test('the name used when subscribing means the same', async () => {
  const { events } = await parse(inboundEvent({}, {}, 'CONVERSATION_MESSAGE_RECEIVED'));
  expect(events).toEqual([HELLO]);
});

test('a list of events gives each of them, in order', async () => {
  const { events, ignored } = await parse([inboundEvent(), inboundEvent({ id: 'm2' }), inboundEvent({}, {}, 'NEWS')]);
  expect(events.map(({ event }) => event.type === 'inbound' && event.message.id)).toEqual(['m1', 'm2']);
  expect(ignored).toEqual(['unknown-type']);
});

test('the bare message of the account configuration is an inbound event', async () => {
  const { events, about } = await parse(LEGACY);
  expect(about).toBe('abcd');
  expect(events).toEqual([
    {
      conversationId: 'abcd',
      event: {
        type: 'inbound',
        message: {
          id: LEGACY.id,
          at: '2021-05-18T15:15:25.737Z',
          content: { kind: 'text', text: 'Hello' },
          replyTo: { channel: 'VIBER', from: 'InfobipSender', to: 'EndUsersNumber' },
        },
      },
    },
  ]);
});

test.each([
  ['OUTBOUND_MESSAGE', inboundEvent({}, { direction: 'OUTBOUND' }, 'OUTBOUND_MESSAGE')],
  ['a received message that is outbound', inboundEvent({}, { direction: 'OUTBOUND' }, 'CONVERSATION_MESSAGE_RECEIVED')],
  ['a bare outbound message', { ...LEGACY, direction: 'OUTBOUND' }],
])('our own message coming back (%s) is an echo', async (_, body) => {
  await expect(parse(body)).resolves.toMatchObject({ events: [], ignored: ['echo'] });
});

test('who writes is named: by the platform, or as on the social network', async () => {
  const authorOf = async (message: object, payload: object) => {
    const { events } = await parse(inboundEvent(message, payload));
    return events[0]?.event.type === 'inbound' ? events[0].event.message.author : 'nobody';
  };
  expect(await authorOf({}, { customer: { name: 'Ana' } })).toBe('Ana');
  expect(await authorOf({ socialContext: { username: 'ana.k' } }, { customer: null })).toBe('ana.k');
  expect(await authorOf({}, { customer: { name: null } })).toBeUndefined();
});

test.each(['.', '..', '\ud800', 'a\u0000b', 'a'.repeat(191)])(
  'an event of a conversation with the id %j is ignored, and nothing is asked',
  async (conversationId) => {
    const claims = [
      inboundEvent({ conversationId }),
      inboundEvent({ conversationId, content: null }),
      inboundEvent({}, { id: conversationId, status: 'CLOSED', message: undefined }, 'CONVERSATION_STATUS_UPDATED'),
    ];
    for (const verify of ['none', 'read-back'] as const)
      for (const claim of claims)
        await expect(parse(claim, verify)).resolves.toEqual({ events: [], presence: [], ignored: ['invalid-id'] });
    expect(fake.seen).toHaveLength(0);
  },
);

test('an event with an invalid id does not take the others of its list with it', async () => {
  const { events, ignored, about } = await parse([inboundEvent({ conversationId: '..' }), inboundEvent()]);
  expect([events, ignored, about]).toEqual([[HELLO], ['invalid-id'], 'c1']);
});

test.each(['AGENT', 'SUPERVISOR'])('an assigned %s is part of the address', async (role) => {
  const { events } = await parse(inboundEvent({}, { assignee: { id: 'agent-1', role } }));
  expect(events[0]).toMatchObject({ event: { message: { replyTo: { agentId: 'agent-1' } } } });
});

test('an assigned bot is not part of the address', async () => {
  const { events } = await parse(inboundEvent({}, { assignee: { id: 'bot-1', role: 'BOT' } }));
  expect(events).toEqual([HELLO]);
});

test('a closed conversation is an event with an id that is the same at every delivery', async () => {
  const body = inboundEvent({}, { status: 'CLOSED', message: undefined }, 'CONVERSATION_STATUS_UPDATED');
  const at = '2025-10-31T13:47:40.032Z';
  const expected = { conversationId: 'c1', event: { type: 'conversation-closed', id: `closed:c1:${at}`, at } };
  expect((await parse(body)).events).toEqual([expected]);
  expect((await parse(body)).events).toEqual([expected]);
});

test.each([
  inboundEvent({}, { status: 'SOLVED' }, 'CONVERSATION_STATUS_UPDATED'),
  inboundEvent({}, {}, 'CONVERSATION_TAG_ADDED'),
  { type: 'INBOUND_MESSAGE_FROM_ANOTHER_PRODUCT', timestamp: 'now', payload: {} },
  { hello: 'world' },
])('other events are ignored (%#)', async (body) => {
  await expect(parse(body)).resolves.toMatchObject({ events: [], ignored: ['unknown-type'] });
});

test.each(['', 'hello', '"hello"', '7', 'null', '[1]', '[[]]', '{'])('%j is malformed', async (body) => {
  await expect(parse(body)).rejects.toMatchObject({ name: 'WebhookError', reason: 'malformed' });
});

test('an inbound message without an id is malformed: two of them would be the same', async () => {
  await expect(parse(inboundEvent({ id: null }))).rejects.toMatchObject({ reason: 'malformed' });
});

describe('what a webhook does not say is read', () => {
  const stored = {
    id: 'm1',
    channel: 'LIVE_CHAT',
    from: 'user',
    to: 'widget',
    direction: 'INBOUND',
    createdAt: '2025-10-31T13:47:39.000+00:00',
    contentType: 'INTERACTIVE_BUTTON_REPLY',
    content: { id: '1', title: 'Yes' },
  };
  const store = (...messages: object[]) =>
    fake.on(
      `GET ${MESSAGES}`,
      listing('messages', messages as { id: string }[], ({ id }, { query }) => query.getAll('messageIds').includes(id)),
    );

  test.each([undefined, null, {}, { title: 'Yes', id: '1' }])('a content of %j is', async (content) => {
    store({ ...stored, id: 'm0' }, stored);
    const { events } = await parse(inboundEvent({ content }));
    const text = '[interactive button reply] Yes';
    expect(events).toMatchObject([{ event: { message: { id: 'm1', content: { kind: 'other', text } } } }]);
    expect(fake.seen[0]?.query.getAll('messageIds')).toEqual(['m1']);
  });

  test('a message Infobip does not know is not believed', async () => {
    store();
    await expect(parse(inboundEvent({ content: {} }))).resolves.toMatchObject({ events: [], ignored: ['unverified'] });
  });

  test('a file without a type is known by its URL, without reading', async () => {
    const { events } = await parse(inboundEvent({ content: { url: 'https://x.api.infobip.com/f/1.jpg' } }));
    expect(events).toMatchObject([{ event: { message: { content: { kind: 'file', media: 'image' } } } }]);
    expect(fake.seen).toHaveLength(0);
  });
});

describe('with read-back', () => {
  const stored = { id: 'm1', channel: 'SMS', from: 'real', to: 'us', direction: 'INBOUND', contentType: 'TEXT' };
  const store = (...messages: object[]) => fake.on(`GET ${MESSAGES}`, listing('messages', messages));

  test('what Infobip has counts, not what the webhook says', async () => {
    store({ ...stored, content: { text: 'True' }, createdAt: '2025-10-31T13:47:39.000+0000' });
    const { events } = await parse(inboundEvent({ content: { text: 'Forged' }, from: 'forger' }), 'read-back');
    expect(events).toMatchObject([
      { event: { message: { content: { text: 'True' }, replyTo: { channel: 'SMS', from: 'us', to: 'real' } } } },
    ]);
  });

  test('of a message nothing but its ids is taken from the webhook', async () => {
    store({ ...stored, content: { text: 'True' } });
    const forged = { from: 'forger', to: 'forger', channel: 'SMS', createdAt: '2001-01-01T00:00:00.000+00:00' };
    const claims = { assignee: { id: 'forger', role: 'AGENT' }, customer: { name: 'Forger' } };
    const body = inboundEvent({ ...forged, socialContext: { username: 'forger' } }, claims);
    const { events } = await parse({ ...body, timestamp: '2001-01-01T00:00:00.000+00:00' }, 'read-back');
    expect(JSON.stringify(events)).not.toMatch(/forger|2001/i);
    expect(events).toMatchObject([{ event: { message: { replyTo: { channel: 'SMS', from: 'us', to: 'real' } } } }]);
  });

  test('of an end nothing but the conversation is taken from the webhook', async () => {
    const closedAt = '2026-02-02T02:02:02.000+0000';
    fake.on('GET /ccaas/1/conversations/c1', { body: { id: 'c1', status: 'CLOSED', closedAt } });
    const end = inboundEvent({}, { status: 'CLOSED', message: undefined }, 'CONVERSATION_STATUS_UPDATED');
    const at = '2026-02-02T02:02:02.000Z';
    const { events } = await parse(end, 'read-back');
    expect(events).toEqual([
      { conversationId: 'c1', event: { type: 'conversation-closed', id: `closed:c1:${at}`, at } },
    ]);
  });

  test('an end of a conversation that Infobip does not know is not believed', async () => {
    fake.on('GET /ccaas/1/conversations/c1', notFound('c1'));
    const end = inboundEvent({}, { status: 'CLOSED', message: undefined }, 'CONVERSATION_STATUS_UPDATED');
    await expect(parse(end, 'read-back')).resolves.toMatchObject({ events: [], ignored: ['unverified'] });
  });

  test.each(['BOT', 'AGENT', 'SYSTEM'])('what %s wrote is not passed off as the end user’s', async (authorType) => {
    store({ ...stored, direction: undefined, authorType, content: { text: 'Ours' } });
    await expect(parse(inboundEvent(), 'read-back')).resolves.toMatchObject({ events: [], ignored: ['unverified'] });
  });

  test('a message of another conversation is not believed', async () => {
    store({ ...stored, conversationId: 'c2', content: { text: 'True' } });
    await expect(parse(inboundEvent(), 'read-back')).resolves.toMatchObject({ events: [], ignored: ['unverified'] });
  });

  test('a message, a conversation and an end that Infobip does not confirm are not believed', async () => {
    const unverified = { events: [], ignored: ['unverified'] };
    store({ ...stored, id: 'another' });
    await expect(parse(inboundEvent(), 'read-back')).resolves.toMatchObject(unverified);
    fake.on(`GET ${MESSAGES}`, notFound('c1'));
    await expect(parse(inboundEvent(), 'read-back')).resolves.toMatchObject(unverified);
    fake.on('GET /ccaas/1/conversations/c1', { body: { id: 'c1', status: 'OPEN' } });
    const end = inboundEvent({}, { status: 'CLOSED' }, 'CONVERSATION_STATUS_UPDATED');
    await expect(parse(end, 'read-back')).resolves.toMatchObject(unverified);
    fake.on('GET /ccaas/1/conversations/c1', { body: { id: 'c1', status: 'CLOSED' } });
    await expect(parse(end, 'read-back')).resolves.toMatchObject({ events: [{ conversationId: 'c1' }] });
  });

  test('a message of ours passed off as the end user’s is not believed', async () => {
    store({ ...stored, direction: 'OUTBOUND', content: { text: 'Ours' } });
    await expect(parse(inboundEvent(), 'read-back')).resolves.toMatchObject({ events: [], ignored: ['unverified'] });
  });

  test('when Infobip cannot be asked the webhook fails, to be sent again', async () => {
    fake.on(`GET ${MESSAGES}`, { status: 503, body: '' });
    await expect(parse(inboundEvent(), 'read-back')).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

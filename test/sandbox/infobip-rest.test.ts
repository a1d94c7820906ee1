import { runSimulator, type Body, type Running } from './infobip-support';

let running: Running;
const call: Running['call'] = (...args) => running.call(...args);
const errorOf = (response: { data: Body }) => response.data.requestError.serviceException;

afterEach(() => running.stop());

/** A conversation of an end user, who wrote this. */
function conversationWith(...texts: string[]): string {
  const messages = texts.map((text) => ({ text }));
  return running.simulator.endUsers.addConversation({ from: 'CHAT-1', messages }).conversationId;
}

const reply = (text: string) => ({
  channel: 'LIVE_CHAT',
  from: 'sandbox-widget',
  to: 'CHAT-1',
  contentType: 'TEXT',
  content: { text },
});

describe('access', () => {
  test('takes the API key, takes Basic where it is set up, and refuses all else in the envelope', async () => {
    running = await runSimulator({ basic: { username: 'u', password: 'p' } });
    const withHeader = (authorization: string) =>
      call('GET', '/ccaas/1/conversations', undefined, { authorization }).then(({ status }) => status);
    expect(await withHeader('App sandbox-key')).toBe(200);
    expect(await withHeader(`Basic ${Buffer.from('u:p').toString('base64')}`)).toBe(200);
    expect(await withHeader('Bearer sandbox-key')).toBe(401);
    const refused = await call('GET', '/ccaas/1/conversations', undefined, { authorization: 'App wrong' });
    expect(refused.status).toBe(401);
    expect(refused.data).toEqual({
      requestError: { serviceException: { messageId: 'UNAUTHORIZED', text: 'Unauthorized' } },
    });
  });

  test('admits so many reads of messages a minute and says when to come again', async () => {
    let now = 1_000_000;
    running = await runSimulator({ rateLimit: { getMessagesPerMinute: 2 }, now: () => now });
    const id = conversationWith('Hello');
    const read = () => call('GET', `/ccaas/1/conversations/${id}/messages`);
    expect((await read()).status).toBe(200);
    now += 15_000;
    expect((await read()).status).toBe(200);
    const refused = await read();
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('45');
    expect(errorOf(refused)).toEqual({ messageId: 'TOO_MANY_REQUESTS', text: 'Too many requests' });
    expect((await call('GET', `/ccaas/1/conversations/${id}`)).status).toBe(200);
    now += 45_000;
    expect((await read()).status).toBe(200);
  });
});

describe('conversations', () => {
  beforeEach(async () => {
    running = await runSimulator();
  });

  test('creates with defaults, answering 200 and the published shape', async () => {
    const created = await call('POST', '/ccaas/1/conversations', { topic: 'Order' });
    expect(created.status).toBe(200);
    expect(created.data).toMatchObject({ topic: 'Order', status: 'OPEN', priority: 'NORMAL' });
    expect(created.data.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    expect(created.data).not.toHaveProperty('closedAt');
    expect((await call('GET', `/ccaas/1/conversations/${created.data.id}`)).data).toEqual(created.data);
  });

  test('leaves out optional texts that are not set: the published interface knows no null', async () => {
    const { data } = await call('POST', '/ccaas/1/conversations', {});
    expect(Object.keys(data).sort()).toEqual(['createdAt', 'id', 'priority', 'status', 'updatedAt']);
    const id = conversationWith('Hello');
    const read = await call('GET', `/ccaas/1/conversations/${id}`);
    const listed = await call('GET', '/ccaas/1/conversations');
    expect(JSON.stringify([read.data, listed.data])).not.toContain('null');
  });

  test('keeps with PATCH what it does not name, and resets it with PUT', async () => {
    const { id } = (await call('POST', '/ccaas/1/conversations', { topic: 'Order', priority: 'HIGH' })).data;
    const patched = await call('PATCH', `/ccaas/1/conversations/${id}`, { status: 'WAITING' });
    expect(patched.data).toMatchObject({ topic: 'Order', priority: 'HIGH', status: 'WAITING' });
    const put = await call('PUT', `/ccaas/1/conversations/${id}`, { summary: 'New' });
    expect(put.data).toMatchObject({ summary: 'New', priority: 'NORMAL', status: 'OPEN' });
    expect(put.data).not.toHaveProperty('topic');
  });

  test('sets closedAt on CLOSED only, and refuses every change from then on', async () => {
    const id = conversationWith('Hello');
    await call('POST', '/ccaas/1/tags', { name: 'vip' });
    const path = `/ccaas/1/conversations/${id}`;
    expect((await call('PATCH', path, { status: 'SOLVED' })).data).not.toHaveProperty('closedAt');
    expect((await call('PATCH', path, { status: 'CLOSED' })).data).toMatchObject({ status: 'CLOSED' });
    for (const [method, sub, body] of [
      ['PATCH', '', { status: 'CLOSED' }],
      ['PUT', '', { status: 'OPEN' }],
      ['POST', '/messages', reply('Too late')],
      ['POST', '/tags', { tagName: 'vip' }],
      ['DELETE', '/tags/vip', undefined],
      ['PUT', '/assignee', { agentId: 'x' }],
      ['DELETE', '/assignee', undefined],
    ] as const) {
      const refused = await call(method, `${path}${sub}`, body);
      expect([method, sub, refused.status]).toEqual([method, sub, 400]);
      expect(errorOf(refused).text).toBe('Closed conversation cannot be changed');
    }
    expect((await call('GET', path)).data.closedAt).toBeDefined();
    expect((await call('PATCH', `${path}/metadata`, { case: '1' })).status).toBe(200);
    expect((await call('POST', `${path}/notes`, { content: 'Done' })).status).toBe(200);
  });

  test('refuses bodies that are not valid', async () => {
    for (const body of [{ status: 'DONE' }, { priority: 'normal' }, { topic: 'x'.repeat(1001) }, ['no']]) {
      const refused = await call('POST', '/ccaas/1/conversations', body);
      expect([refused.status, errorOf(refused).text]).toEqual([400, 'Invalid request body.']);
    }
    const broken = await call('POST', '/ccaas/1/conversations', '{"topic":', { 'content-type': 'application/json' });
    expect([broken.status, errorOf(broken).text]).toEqual([400, 'Invalid request body.']);
  });

  test('filters by repeated ids, status and times', async () => {
    const [first, second] = [conversationWith('a'), conversationWith('b')];
    conversationWith('c');
    await call('PATCH', `/ccaas/1/conversations/${second}`, { status: 'CLOSED' });
    const list = async (query: string) => (await call('GET', `/ccaas/1/conversations?${query}`)).data;
    const both = await list(`conversationIds=${first}&conversationIds=${second}`);
    expect(both.conversations.map(({ id }) => id).sort()).toEqual([first, second].sort());
    expect(both.pagination).toEqual({ totalItems: 2, page: 0, limit: 10, orderBy: 'id:asc' });
    expect((await list(`conversationIds=${first},${second}`)).conversations).toEqual([]);
    expect((await list('status=CLOSED')).conversations.map(({ id }) => id)).toEqual([second]);
    expect((await list('updatedAfter=2000-01-01T00:00:00.000%2B0000')).pagination.totalItems).toBe(3);
    expect((await list('updatedAfter=2100-01-01T00:00:00.000%2B0000')).pagination.totalItems).toBe(0);
    expect((await list('closedAfter=2000-01-01T00:00:00.000%2B0000')).pagination.totalItems).toBe(1);
  });

  test('refuses a time whose plus sign was not encoded', async () => {
    const refused = await call('GET', '/ccaas/1/conversations?updatedAfter=2000-01-01T00:00:00.000+0000');
    expect([refused.status, errorOf(refused).messageId]).toEqual([400, 'BAD_REQUEST']);
  });

  test('assigns known agents and no others', async () => {
    const path = `/ccaas/1/conversations/${conversationWith('Hello')}`;
    const unknown = await call('PUT', `${path}/assignee`, { agentId: 'nobody' });
    expect([unknown.status, errorOf(unknown).messageId]).toEqual([400, 'NOT_FOUND']);
    const assigned = await call('PUT', `${path}/assignee`, { agentId: 'C85602A8D75E4B0A9D2A26F43AD8B5AB' });
    expect(assigned.data.agentId).toBe('C85602A8D75E4B0A9D2A26F43AD8B5AB');
    expect((await call('DELETE', `${path}/assignee`)).data).not.toHaveProperty('agentId');
  });
});

describe('an unknown id', () => {
  test.each([
    [400, undefined],
    [404, 404],
  ] as const)('answers %d with NOT_FOUND and the published text', async (status, unknownIdStatus) => {
    running = await runSimulator({ unknownIdStatus });
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { status: 'CLOSED' }],
      ['GET', '/messages', undefined],
      ['POST', '/messages', reply('Hello')],
      ['GET', '/metadata', undefined],
    ] as const) {
      const refused = await call(method, `/ccaas/1/conversations/nowhere${path}`, body);
      expect(refused.status).toBe(status);
      const text = "Invalid id 'nowhere' given! No such entity exists.";
      expect(errorOf(refused)).toEqual({ messageId: 'NOT_FOUND', text });
    }
  });
});

describe('messages', () => {
  beforeEach(async () => {
    running = await runSimulator();
  });
  const messages = async (id: string, query = '') =>
    (await call('GET', `/ccaas/1/conversations/${id}/messages?${query}`)).data;
  const textsOf = (page: Body) => page.messages.map(({ content }) => content.text);

  test('pages a thousand of them, in both orders of time, written either way', async () => {
    const texts = Array.from({ length: 1000 }, (_, index) => `m${index}`);
    const id = conversationWith(...texts);
    expect((await messages(id)).messages).toHaveLength(10);
    const first = await messages(id, 'limit=999&orderBy=createdAt:ASC');
    const second = await messages(id, 'limit=999&orderBy=createdAt:asc&page=1');
    expect([...textsOf(first), ...textsOf(second)]).toEqual(texts);
    expect(first.pagination).toEqual({ totalItems: 1000, page: 0, limit: 999, orderBy: 'createdAt:ASC' });
    expect(textsOf(await messages(id, 'limit=3&orderBy=createdAt:desc'))).toEqual(['m999', 'm998', 'm997']);
  });

  test('orders by id where nothing else is asked for, which is not the order of time', async () => {
    const id = conversationWith(...Array.from({ length: 10 }, (_, index) => `m${index}`));
    const ids = (await messages(id)).messages.map((message) => message.id);
    expect(ids).toEqual([...ids].sort());
  });

  test.each([
    ['limit=1000'],
    ['limit=-1'],
    ['limit=many'],
    ['orderBy=mood:asc'],
    ['orderBy=createdAt'],
    ['direction=UP'],
  ])('refuses %s', async (query) => {
    const refused = await call('GET', `/ccaas/1/conversations/${conversationWith('a')}/messages?${query}`);
    expect([refused.status, errorOf(refused).messageId]).toEqual([400, 'BAD_REQUEST']);
  });

  test('filters by id, direction and time', async () => {
    const { conversationId: id } = running.simulator.endUsers.addConversation({
      messages: [
        { text: 'first', createdAt: '2026-01-01T10:00:00.000Z' },
        { text: 'second', authorType: 'BOT', createdAt: '2026-01-01T10:00:01.000Z' },
        { text: 'third', createdAt: '2026-01-01T10:00:02.000Z' },
      ],
    });
    const all = (await messages(id, 'orderBy=createdAt:asc')).messages;
    expect(all.map(({ authorType, direction }) => [authorType, direction])).toEqual([
      ['CUSTOMER', 'INBOUND'],
      ['BOT', 'OUTBOUND'],
      ['CUSTOMER', 'INBOUND'],
    ]);
    expect(textsOf(await messages(id, `messageIds=${all[1]!.id}`))).toEqual(['second']);
    expect(textsOf(await messages(id, 'direction=OUTBOUND'))).toEqual(['second']);
    expect(textsOf(await messages(id, 'createdAfter=2026-01-01T10:00:01.000%2B0000'))).toEqual(['third']);
    expect(textsOf(await messages(id, 'createdBefore=2026-01-01T12:00:01.000%2B0200'))).toEqual(['first']);
  });

  test('sends a message and leaves the time of the conversation alone', async () => {
    const id = conversationWith('Hello');
    const before = (await call('GET', `/ccaas/1/conversations/${id}`)).data;
    const sent = await call('POST', `/ccaas/1/conversations/${id}/messages`, reply('Hi'));
    expect(sent.status).toBe(200);
    expect(sent.data).toMatchObject({ ...reply('Hi'), direction: 'OUTBOUND', conversationId: id });
    expect((await messages(id, `messageIds=${sent.data.id}`)).messages).toEqual([sent.data]);
    expect((await call('GET', `/ccaas/1/conversations/${id}`)).data).toEqual(before);
  });

  test('says which required fields are blank', async () => {
    const id = conversationWith('Hello');
    const { to, from, ...rest } = reply(' ');
    const refused = await call('POST', `/ccaas/1/conversations/${id}/messages`, rest);
    expect(refused.status).toBe(400);
    const blank = ['must not be blank'];
    expect(errorOf(refused)).toEqual({
      messageId: 'BAD_REQUEST',
      text: 'Bad request',
      validationErrors: { from: blank, to: blank, content: blank },
    });
  });

  test('takes 4096 characters and no more', async () => {
    const path = `/ccaas/1/conversations/${conversationWith('Hello')}/messages`;
    expect((await call('POST', path, reply('x'.repeat(4096)))).status).toBe(200);
    const refused = await call('POST', path, reply('x'.repeat(4097)));
    expect(errorOf(refused).validationErrors).toEqual({ content: ['size cannot be longer than 4096 characters.'] });
  });

  test.each([
    ['a content that is a bare string', { content: 'Hello' }],
    ['a channel that can no longer be sent on', { channel: 'GOOGLE_BUSINESS_MESSAGES' }],
    ['a content that does not fit its type', { contentType: 'IMAGE' }],
    ['a content type nobody publishes', { contentType: 'text' }],
  ])('refuses %s', async (_what, wrong) => {
    const path = `/ccaas/1/conversations/${conversationWith('Hello')}/messages`;
    const refused = await call('POST', path, { ...reply('Hello'), ...wrong });
    expect([refused.status, errorOf(refused).text]).toEqual([400, 'Invalid request body.']);
  });

  test('refuses a reply whose addresses were not swapped', async () => {
    const path = `/ccaas/1/conversations/${conversationWith('Hello')}/messages`;
    const refused = await call('POST', path, { ...reply('Hello'), from: 'CHAT-1', to: 'sandbox-widget' });
    expect(refused.status).toBe(400);
    expect(Object.keys(errorOf(refused).validationErrors ?? {})).toEqual(['to']);
  });

  test('takes messages into an assigned conversation from a known agent only', async () => {
    const path = `/ccaas/1/conversations/${conversationWith('Hello')}`;
    const agentId = 'C85602A8D75E4B0A9D2A26F43AD8B5AB';
    await call('PUT', `${path}/assignee`, { agentId });
    expect((await call('POST', `${path}/messages`, reply('Hi'))).status).toBe(400);
    expect((await call('POST', `${path}/messages`, reply('Hi'), { 'x-agent-id': 'nobody' })).status).toBe(400);
    const sent = await call('POST', `${path}/messages`, reply('Hi'), { 'x-agent-id': agentId });
    expect(sent.data).toMatchObject({ authorId: agentId, authorType: 'AGENT' });
  });

  test('shows typing until the next message, on channels that can', async () => {
    const id = conversationWith('Hello');
    const event = { from: 'sandbox-widget', to: 'CHAT-1', type: 'TYPING_STARTED', channel: 'LIVE_CHAT' };
    const shown = await call('POST', `/ccaas/1/conversations/${id}/events`, event);
    expect([shown.status, shown.data]).toEqual([200, '']);
    expect(running.simulator.endUsers.conversation(id)?.typing).toBe(true);
    await call('POST', `/ccaas/1/conversations/${id}/messages`, reply('Hi'));
    expect(running.simulator.endUsers.conversation(id)?.typing).toBe(false);
    const refused = await call('POST', `/ccaas/1/conversations/${id}/events`, { ...event, channel: 'SMS' });
    expect(errorOf(refused).text).toBe('Channel is not supported for provided event type');
  });
});

describe('tags, metadata and notes', () => {
  beforeEach(async () => {
    running = await runSimulator();
  });

  test('adds a tag only when it exists, once however often, and lists it by conversation', async () => {
    const id = conversationWith('Hello');
    const path = `/ccaas/1/conversations/${id}/tags`;
    const unknown = await call('POST', path, { tagName: 'billing' });
    expect(unknown.status).toBe(400);
    const text = "Invalid tagName 'billing' given! No such entity exists.";
    expect(errorOf(unknown)).toEqual({ messageId: 'NOT_FOUND', text });
    expect((await call('POST', '/ccaas/1/tags', { name: 'billing' })).data).toMatchObject({ name: 'billing' });
    await call('POST', '/ccaas/1/tags', { name: 'other' });
    expect(errorOf(await call('POST', '/ccaas/1/tags', { name: 'billing' })).text).toBe('Tag already exists.');
    for (let times = 0; times < 2; times += 1) {
      const message = 'Tag added to conversation successfully.';
      expect((await call('POST', path, { tagName: 'billing' })).data).toEqual({ statusCode: 'SUCCESS', message });
    }
    const tags = (await call('GET', `/ccaas/1/tags?conversationId=${id}`)).data.tags;
    expect(tags.map(({ name }) => name)).toEqual(['billing']);
    expect((await call('DELETE', `${path}/billing`)).data.message).toBe('Tag removed successfully.');
    expect((await call('DELETE', `${path}/billing`)).status).toBe(400);
  });

  test('refuses a tag with the name in the wrong field, too long, or with other characters', async () => {
    for (const body of [{ tagName: 'a' }, { name: 'x'.repeat(101) }, { name: 'a/b' }]) {
      expect((await call('POST', '/ccaas/1/tags', body)).status).toBe(400);
    }
  });

  test('overwrites metadata with PUT, merges with PATCH, empties with DELETE, and refuses nothing at all', async () => {
    const path = `/ccaas/1/conversations/${conversationWith('Hello')}/metadata`;
    expect((await call('GET', path)).data).toEqual({});
    expect((await call('PUT', path, { a: '1', b: '2' })).data).toEqual({
      statusCode: 'SUCCESS',
      message: 'Metadata added to conversation successfully.',
    });
    await call('PATCH', path, { b: '3' });
    expect((await call('GET', path)).data).toEqual({ a: '1', b: '3' });
    await call('PUT', path, { c: '4' });
    expect((await call('GET', path)).data).toEqual({ c: '4' });
    expect((await call('PATCH', path, {})).status).toBe(400);
    await call('DELETE', path);
    expect((await call('GET', path)).data).toEqual({});
  });

  test('keeps notes', async () => {
    const path = `/ccaas/1/conversations/${conversationWith('Hello')}/notes`;
    const { data: note } = await call('POST', path, { content: 'Case 7' });
    expect(note).toMatchObject({ content: 'Case 7', type: 'INTERNAL' });
    expect((await call('GET', path)).data.notes).toEqual([note]);
    expect((await call('GET', `${path}/${note.id}`)).data).toEqual(note);
    expect((await call('GET', `${path}/none`)).status).toBe(400);
    expect((await call('POST', path, { content: 'x'.repeat(4001) })).status).toBe(400);
  });
});

describe('the account’s subscriptions', () => {
  beforeEach(async () => {
    running = await runSimulator();
  });
  const base = '/subscriptions/1/subscription/CUSTOMER_ENGAGEMENT';
  const wanted = {
    subscriptionId: 'sub-1',
    events: ['CONVERSATION_MESSAGE_RECEIVED'],
    profile: { profileId: 'p1', webhook: { notifyUrl: 'https://example.com/hook' } },
  };

  test('sets the account configuration and never shows it', async () => {
    const path = '/ccaas/1/account/configuration';
    const message = 'Account configuration successfully updated.';
    expect((await call('PUT', path, { webhookUrl: 'https://example.com' })).data.message).toBe(message);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('PUT', path, { webhookUrl: 'x'.repeat(256) })).status).toBe(400);
  });

  test('creates a subscription with its profile and shows the URL on the profile only', async () => {
    const created = await call('POST', base, wanted);
    expect(created.status).toBe(201);
    expect(created.headers.location).toBe(`${base}/sub-1`);
    expect(created.data).toEqual({ subscriptionId: 'sub-1', profile: { profileId: 'p1' } });
    const shown = { subscriptionId: 'sub-1', events: wanted.events, profile: { profileId: 'p1' } };
    expect((await call('GET', `${base}/sub-1`)).data).toEqual(shown);
    const paging = { page: 0, size: 20, totalPages: 1, totalResults: 1 };
    expect((await call('GET', base)).data).toEqual({ results: [shown], paging });
    expect((await call('GET', '/subscriptions/1/profiles')).data).toEqual({ results: [wanted.profile], paging });
    expect((await call('GET', `${base}/other`)).status).toBe(404);
  });

  test('wants to know a new profile’s webhook, and an existing profile by its id alone', async () => {
    const noWebhook = await call('POST', base, { ...wanted, profile: { profileId: 'p1' } });
    expect(errorOf(noWebhook).validationErrors).toEqual({ 'profile.webhook': ['must not be null'] });
    await call('POST', base, wanted);
    expect((await call('POST', base, { ...wanted, subscriptionId: 'sub-2' })).status).toBe(400);
    const reused = { ...wanted, subscriptionId: 'sub-2', profile: { profileId: 'p1' } };
    expect((await call('POST', base, reused)).status).toBe(201);
    expect((await call('POST', base, reused)).status).toBe(400);
  });

  test('changes events by the subscription and the URL by the profile', async () => {
    await call('POST', base, wanted);
    expect((await call('PUT', `${base}/sub-1`, wanted)).status).toBe(400);
    const change = { events: ['CONVERSATION_STATUS_UPDATED'], profile: { profileId: 'p1' } };
    expect((await call('PUT', `${base}/sub-1`, change)).status).toBe(200);
    expect((await call('GET', `${base}/sub-1`)).data.events).toEqual(change.events);
    const webhook = { notifyUrl: 'https://example.com/other' };
    expect((await call('PUT', '/subscriptions/1/profiles/p1', { webhook })).status).toBe(200);
    expect((await call('GET', '/subscriptions/1/profiles/p1')).data).toEqual({ profileId: 'p1', webhook });
    expect((await call('DELETE', `${base}/sub-1`)).status).toBe(200);
    expect((await call('GET', `${base}/sub-1`)).status).toBe(404);
  });

  test.each([
    ['the name of a webhook’s type for an event', { events: ['INBOUND_MESSAGE'] }],
    ['an id that needs encoding', { subscriptionId: 'a/b' }],
    ['an unknown property', { resource: 'x' }],
  ])('refuses %s', async (_what, wrong) => {
    expect((await call('POST', base, { ...wanted, ...wrong })).status).toBe(400);
  });
});

import { CLOSED, connectorTo, Fake, listing, notFound, refusal, type Answer } from './fake';

const CONVERSATION = '/ccaas/1/conversations/c1';
const conversation = {
  id: 'c1',
  status: 'OPEN',
  priority: 'HIGH',
  queueId: 'queue-1',
  agentId: null,
  createdAt: '2024-01-01T00:00:00.000+00:00',
};
const inbound = {
  id: 'm1',
  channel: 'WHATSAPP',
  from: '385911234567',
  to: '447860099299',
  direction: 'INBOUND',
  contentType: 'TEXT',
  content: { text: 'Hi' },
};

/** What proxies and gateways answer in Infobip's place. */
const NOT_OURS: Answer[] = [
  { status: 404, body: '<html>no route</html>' },
  { status: 404, body: { message: 'no Route matched with those values' } },
  { status: 404, body: { statusCode: 'NOT_FOUND', message: 'no such service' } },
  { status: 410, body: '' },
];

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

const connector = (more?: Record<string, unknown>) => connectorTo(fake.url, more);

describe('context', () => {
  function given({ of = {}, metadata = { body: {} } }: { of?: object; metadata?: Answer } = {}) {
    fake.on(`GET ${CONVERSATION}`, { body: { ...conversation, ...of } });
    fake.on(`GET ${CONVERSATION}/metadata`, metadata);
    fake.on('GET /ccaas/1/tags', listing('tags', [{ id: 't1', name: 'billing' }, { name: 'vip' }]));
    fake.on(`GET ${CONVERSATION}/messages`, listing('messages', [inbound]));
  }

  test('tags, priority, queue and the address of the end user come together', async () => {
    given();
    await expect(connector().readContext('c1')).resolves.toEqual({
      tags: ['billing', 'vip'],
      attributes: {},
      language: undefined,
      queue: 'queue-1',
      priority: 'HIGH',
      replyTo: { channel: 'WHATSAPP', from: '447860099299', to: '385911234567' },
      customer: { phone: '385911234567' },
    });
    expect(fake.asked('GET /ccaas/1/tags')[0]?.query.get('conversationId')).toBe('c1');
  });

  test('what the bot says in metadata goes before what the platform says', async () => {
    given({ metadata: { body: { language: 'hr', queue: 'Billing', priority: 'urgent', campaign: 'spring' } } });
    const context = await connector().readContext('c1');
    expect(context).toMatchObject({ language: 'hr', queue: 'Billing', priority: 'URGENT' });
    expect(context.attributes).toMatchObject({ campaign: 'spring' });
  });

  test('metadata of any type become strings, and an unknown priority changes nothing', async () => {
    given({ metadata: { body: { n: 5, yes: true, none: null, list: [1], priority: 'WHENEVER' } } });
    const { attributes, priority } = await connector().readContext('c1');
    expect(attributes).toEqual({ n: '5', yes: 'true', list: '[1]', priority: 'WHENEVER' });
    expect(priority).toBe('HIGH');
  });

  test.each([notFound('c1'), notFound('c1', 404), { body: 'null' }])(
    'a conversation may have no metadata (%j)',
    async (metadata) => {
      given({ metadata });
      await expect(connector().readContext('c1')).resolves.toMatchObject({ attributes: {} });
    },
  );

  test('all pages of tags are read', async () => {
    given();
    const tags = Array.from({ length: 1500 }, (_, n) => ({ name: `tag${n}` }));
    fake.on('GET /ccaas/1/tags', listing('tags', tags));
    expect((await connector().readContext('c1')).tags).toHaveLength(1500);
  });

  test('the agent of an assigned conversation is part of the address', async () => {
    given({ of: { agentId: 'agent-1' } });
    await expect(connector().readContext('c1')).resolves.toMatchObject({ replyTo: { agentId: 'agent-1' } });
  });

  test('a conversation in which nobody has written has no address', async () => {
    given();
    fake.on(`GET ${CONVERSATION}/messages`, listing('messages', []));
    const context = await connector().readContext('c1');
    expect([context.replyTo, context.customer]).toEqual([undefined, undefined]);
  });

  test('what cannot be read among tags and metadata hides none of the rest', async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `tag${n}`);
    const metadata = Object.fromEntries(names.map((name) => [name, { nested: [name] }]));
    given({ metadata: { body: { ...metadata, 'a key': 7, none: null } } });
    const tags = [null, { name: null }, { name: 7 }, ...names.map((name) => ({ name }))];
    fake.on('GET /ccaas/1/tags', listing('tags', tags));
    const context = await connector().readContext('c1');
    expect(context.tags).toEqual(['7', ...names]);
    expect(Object.keys(context.attributes)).toHaveLength(1001);
  });

  test('a last message that cannot be read gives way to the one before', async () => {
    given();
    fake.on(`GET ${CONVERSATION}/messages`, listing('messages', [inbound, { ...inbound, id: null }]));
    await expect(connector().readContext('c1')).resolves.toMatchObject({ customer: { phone: '385911234567' } });
  });

  test.each([
    [{ channel: 'EMAIL', from: 'ana@example.com' }, { email: 'ana@example.com' }],
    [{ channel: 'INSTAGRAM_MESSAGING', from: '17841', socialContext: { username: 'ana.k' } }, { name: 'ana.k' }],
    [{ channel: 'LIVE_CHAT', from: 'CHAT-1' }, undefined],
  ])('who writes (%j) is passed on', async (who, customer) => {
    given();
    fake.on(`GET ${CONVERSATION}/messages`, listing('messages', [{ ...inbound, ...who }]));
    expect((await connector().readContext('c1')).customer).toEqual(customer);
  });

  test('a conversation that does not exist is not-found', async () => {
    fake.on(`GET ${CONVERSATION}`, notFound('c1'));
    await expect(connector().readContext('c1')).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('link', () => {
  const to = { handoffId: 'handoff:main:c1', contactCenter: 'support', case: { id: '42', url: 'https://rt/42' } };
  const done = { body: { statusCode: 'SUCCESS', message: '' } };
  beforeEach(() => {
    fake.on(`PATCH ${CONVERSATION}/metadata`, done);
    fake.on('POST /ccaas/1/tags', done);
    fake.on(`POST ${CONVERSATION}/tags`, done);
  });

  test('metadata and a tag note the case', async () => {
    await connector().link('c1', to);
    expect(fake.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      [
        'PATCH',
        `${CONVERSATION}/metadata`,
        {
          handoffId: 'handoff:main:c1',
          handoffContactCenter: 'support',
          handoffCase: '42',
          handoffCaseUrl: 'https://rt/42',
        },
      ],
      ['POST', '/ccaas/1/tags', { name: 'durable_handoff' }],
      ['POST', `${CONVERSATION}/tags`, { tagName: 'durable_handoff' }],
    ]);
  });

  test('a case without URL is linked without one', async () => {
    await connector().link('c1', { ...to, case: { id: '42' } });
    expect(fake.seen[0]?.body).not.toHaveProperty('handoffCaseUrl');
  });

  test('a tag that exists already is as good as a new one', async () => {
    fake.on('POST /ccaas/1/tags', refusal(400, 'BAD_REQUEST', 'Tag already exists.'));
    await connector().link('c1', to);
    expect(fake.asked(`POST ${CONVERSATION}/tags`)).toHaveLength(1);
  });

  test('any other refusal of the tag is an error', async () => {
    fake.on('POST /ccaas/1/tags', refusal(400, 'BAD_REQUEST', 'Invalid request body.'));
    await expect(connector().link('c1', to)).rejects.toMatchObject({ kind: 'rejected' });
  });

  test('with tags switched off there is metadata alone', async () => {
    await connector({ linkTag: null }).link('c1', to);
    expect(fake.seen).toHaveLength(1);
  });
});

describe('close', () => {
  test('the conversation is patched closed, and whether it is remains to be asked', async () => {
    fake.on(`PATCH ${CONVERSATION}`, { body: { ...conversation, status: 'CLOSED' } });
    await connector().close('c1');
    expect(fake.seen.map(({ method, body }) => [method, body])).toEqual([['PATCH', { status: 'CLOSED' }]]);
  });

  test('one that is closed already is a success', async () => {
    fake.on(`PATCH ${CONVERSATION}`, CLOSED);
    await expect(connector().close('c1')).resolves.toBeUndefined();
  });

  test.each([400, 404])('one that does not exist is not-found (%i)', async (code) => {
    fake.on(`PATCH ${CONVERSATION}`, notFound('c1', code));
    await expect(connector().close('c1')).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('an id that quotes the refusal of a closed conversation closes nothing', async () => {
    const id = 'Closed conversation cannot be changed';
    fake.on(`PATCH /ccaas/1/conversations/${encodeURIComponent(id)}`, notFound(id));
    await expect(connector().close(id)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test.each(NOT_OURS)("a proxy's answer (%j) closes nothing", async (answer) => {
    fake.on(`PATCH ${CONVERSATION}`, answer);
    await expect(connector().close('c1')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('a failure is not taken for success', async () => {
    fake.on(`PATCH ${CONVERSATION}`, refusal(500, 'GENERAL_ERROR', 'Something went wrong.'));
    await expect(connector().close('c1')).rejects.toMatchObject({ kind: 'ambiguous' });
  });
});

describe('whether a conversation is closed', () => {
  test.each([
    ['CLOSED', true],
    ['SOLVED', false],
    ['WAITING', false],
    ['OPEN', false],
    [undefined, false],
  ])('status %s says %s', async (status, closed) => {
    fake.on(`GET ${CONVERSATION}`, { body: { ...conversation, status } });
    await expect(connector().isClosed('c1')).resolves.toBe(closed);
  });

  test.each([400, 404])('of one that does not exist nobody can say it (%i)', async (code) => {
    fake.on(`GET ${CONVERSATION}`, notFound('c1', code));
    await expect(connector().isClosed('c1')).rejects.toMatchObject({ kind: 'not-found' });
  });

  test.each(NOT_OURS)("a proxy's answer (%j) says nothing of it", async (answer) => {
    fake.on(`GET ${CONVERSATION}`, answer);
    await expect(connector().isClosed('c1')).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('changes', () => {
  const ids = Array.from({ length: 120 }, (_, n) => `c${n}`);
  const since = (asked: string[]) => connector().changes!.since(asked, '2026-01-01T00:00:00.000Z');

  test('a few conversations are asked about by their ids, and only those come back', async () => {
    fake.on('GET /ccaas/1/conversations', { body: { conversations: [{ id: 'c3' }, { id: 'stranger' }] } });
    await expect(since(ids.slice(0, 50))).resolves.toEqual(['c3']);
    expect(fake.seen.map(({ query }) => query.getAll('conversationIds').length)).toEqual([50]);
    expect(fake.seen[0]?.query.get('updatedAfter')).toBe('2025-12-31T23:59:59.999+0000');
  });

  test('of many open ones the cost follows what changed: the account is asked, page by page', async () => {
    const pages = [['c3', 'stranger'], ['c77', 'other'], ['c119']];
    fake.on('GET /ccaas/1/conversations', ({ query }) => {
      const page = Number(query.get('page'));
      return {
        body: { conversations: pages[page]!.map((id) => ({ id })), pagination: { page, limit: 2, totalItems: 5 } },
      };
    });
    await expect(since(ids)).resolves.toEqual(['c3', 'c77', 'c119']);
    expect(fake.seen.map(({ query }) => query.getAll('conversationIds').length)).toEqual([0, 0, 0]);
  });

  test('one that cannot be read does not hide the others', async () => {
    fake.on('GET /ccaas/1/conversations', { body: { conversations: [{ id: null }, null, { id: 'c1' }] } });
    await expect(since(ids.slice(0, 3))).resolves.toEqual(['c1']);
  });

  test('about no conversations nobody is asked', async () => {
    await expect(since([])).resolves.toEqual([]);
    expect(fake.seen).toHaveLength(0);
  });
});

describe('open conversations with our tag', () => {
  const given = (count: number) => {
    const all = Array.from({ length: count }, (_, n) => ({
      id: `c${n}`,
      status: ['OPEN', 'WAITING', 'SOLVED', 'CLOSED'][n % 4],
    }));
    fake.on(
      'GET /ccaas/1/conversations',
      listing('conversations', all, ({ status }, { query }) => status === query.get('status')),
    );
  };

  test('all that are not closed are listed, on however many pages', async () => {
    given(5000);
    const found = await connector().openConversations!.list(10_000);
    expect(found).toHaveLength(3750);
    expect(new Set(fake.seen.map(({ query }) => query.get('tagNames')))).toEqual(new Set(['durable_handoff']));
    expect(fake.seen.some(({ query }) => query.get('status') === 'CLOSED')).toBe(false);
  });

  test('no more than asked for are listed', async () => {
    given(5000);
    await expect(connector().openConversations!.list(7)).resolves.toHaveLength(7);
    expect(fake.seen).toHaveLength(1);
  });

  test('before there is such a tag there are none', async () => {
    fake.on('GET /ccaas/1/conversations', refusal(400, 'NOT_FOUND', 'Invalid id given! No such entity exists.'));
    await expect(connector().openConversations!.list(10)).resolves.toEqual([]);
  });

  test('with tags switched off nobody can list them', () => {
    expect(connector({ linkTag: null }).openConversations).toBeUndefined();
  });
});

describe('the path of a conversation', () => {
  const calls = (id: string) => [
    () => connector().isClosed(id),
    () => connector().close(id),
    () => connector().readContext(id),
    () => connector().history!.read(id, {}),
    () => connector().link(id, { handoffId: 'h', contactCenter: 'desk', case: { id: '1' } }),
  ];

  test.each(['.', '..', '', '\ud800', 'a\u0000b', 'a'.repeat(191)])('an id of %j leads nowhere', async (id) => {
    for (const call of calls(id)) await expect(call()).rejects.toMatchObject({ name: 'VendorError', kind: 'rejected' });
    expect(fake.seen).toHaveLength(0);
  });

  test.each(['a/../b', '%2e%2e', '../x', 'a?b#c', 'a\\b', 'ü'])('an id of %j stays one part of it', async (id) => {
    for (const call of calls(id)) await call().catch(() => undefined);
    const base = `/ccaas/1/conversations/${encodeURIComponent(id)}`;
    expect(fake.seen.length).toBeGreaterThanOrEqual(5);
    for (const { path } of fake.seen) expect(path === base || path.startsWith(`${base}/`)).toBe(true);
  });
});

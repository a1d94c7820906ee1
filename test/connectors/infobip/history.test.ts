import { connectorTo, Fake, listing, notFound, type Route } from './fake';

const CONVERSATION = '1ddece93-041f-42ac-8e25-d05801dfe358';
const MESSAGES = `/ccaas/1/conversations/${CONVERSATION}/messages`;
const START = Date.parse('2026-01-01T00:00:00.000Z');

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

const connector = () => connectorTo(fake.url);

function message(n: number, more: object = {}) {
  return {
    id: `m${n}`,
    channel: 'LIVE_CHAT',
    direction: 'INBOUND',
    authorType: 'CUSTOMER',
    createdAt: new Date(START + n * 1000).toISOString().replace('Z', '+00:00'),
    contentType: 'TEXT',
    content: { text: `text ${n}` },
    ...more,
  };
}

const messages = (count: number) => Array.from({ length: count }, (_, n) => message(n));

test.each([0, 1, 998, 999, 1000])('all of %i messages come, oldest first', async (count) => {
  fake.on(`GET ${MESSAGES}`, listing('messages', messages(count)));
  const { entries, gap } = await connector().history!.read(CONVERSATION, { limit: 1000 });
  expect(entries.map(({ id }) => id)).toEqual(messages(count).map(({ id }) => id));
  expect(gap).toBe(count === 0 ? 'empty' : undefined);
});

test.each([1001, 1999, 2998, 3500])('of %i messages the latest 1,000 come, and the gap is named', async (count) => {
  fake.on(`GET ${MESSAGES}`, listing('messages', messages(count)));
  const { entries, gap } = await connector().history!.read(CONVERSATION, { limit: 1000 });
  expect(entries).toHaveLength(1000);
  expect([entries[0]?.id, entries.at(-1)?.id]).toEqual([`m${count - 1000}`, `m${count - 1}`]);
  expect(gap).toBe('truncated');
  expect(fake.seen.length).toBeLessThanOrEqual(4);
});

test('pages are asked for in the order of time, since ids are random', async () => {
  fake.on(`GET ${MESSAGES}`, listing('messages', messages(3)));
  await connector().history!.read(CONVERSATION, { limit: 1000 });
  const { query } = fake.seen[0]!;
  expect([query.get('orderBy'), query.get('limit'), query.get('page')]).toEqual(['createdAt:asc', '999', '0']);
});

test('a server that gives smaller pages than asked for loses nothing', async () => {
  const all = messages(250);
  const small: Route = ({ query }) => {
    const page = Number(query.get('page'));
    const pagination = { totalItems: all.length, page, limit: 100 };
    return { body: { messages: all.slice(page * 100, (page + 1) * 100), pagination } };
  };
  fake.on(`GET ${MESSAGES}`, small);
  expect((await connector().history!.read(CONVERSATION, { limit: 1000 })).entries).toHaveLength(250);
});

test('a server that ignores the page asked for does not keep us forever', async () => {
  fake.on(`GET ${MESSAGES}`, { body: { messages: messages(999) } });
  expect((await connector().history!.read(CONVERSATION, { limit: 1000 })).entries).toHaveLength(999);
});

test('a message that stands on two pages counts once', async () => {
  const pages = [messages(999), [message(998), message(999)]];
  fake.on(`GET ${MESSAGES}`, ({ query }) => ({ body: { messages: pages[Number(query.get('page'))] } }));
  const { entries } = await connector().history!.read(CONVERSATION, { limit: 2000 });
  expect(entries).toHaveLength(1000);
});

test('messages since a moment are asked for a little earlier, in the form Infobip wants, and cut exactly', async () => {
  fake.on(`GET ${MESSAGES}`, listing('messages', messages(5)));
  const since = new Date(START + 2000).toISOString();
  const { entries, gap } = await connector().history!.read(CONVERSATION, { limit: 1000, since });
  expect(entries.map(({ id }) => id)).toEqual(['m2', 'm3', 'm4']);
  expect(gap).toBeUndefined();
  expect(decodeURIComponent(fake.seen[0]!.search)).toContain('createdAfter=2026-01-01T00:00:01.000+0000');
  expect(fake.seen[0]!.search).toContain('%2B0000');
});

test('all messages since a moment are read where no limit is given, so that none of the oldest is passed over', async () => {
  fake.on(`GET ${MESSAGES}`, listing('messages', messages(2500)));
  const { entries } = await connector().history!.read(CONVERSATION, { since: new Date(START).toISOString() });
  expect(entries.map(({ id }) => id)).toEqual(messages(2500).map(({ id }) => id));
});

test('where nothing is new since a moment, nothing is missing', async () => {
  fake.on(`GET ${MESSAGES}`, listing('messages', []));
  const found = await connector().history!.read(CONVERSATION, { limit: 10, since: new Date(START).toISOString() });
  expect(found).toEqual({ entries: [] });
});

test('who wrote is known by authorType, and by direction where that is missing', async () => {
  const types = ['CUSTOMER', 'BOT', 'AGENT', 'SYSTEM', null];
  const all = types.map((authorType, n) => message(n, { authorType }));
  const unnamed = [message(8, { authorType: undefined, direction: 'OUTBOUND' })];
  fake.on(`GET ${MESSAGES}`, listing('messages', [...all, ...unnamed]));
  const { entries } = await connector().history!.read(CONVERSATION, { limit: 10 });
  expect(entries.map(({ author }) => author)).toEqual(['end-user', 'bot', 'agent', 'system', 'end-user', 'agent']);
});

test('both spellings of a time are understood', async () => {
  const times = ['2019-05-10T09:53:58.463+0000', '2024-01-01T01:00:00.000+01:00'];
  fake.on(
    `GET ${MESSAGES}`,
    listing(
      'messages',
      times.map((createdAt, n) => message(n, { createdAt })),
    ),
  );
  const { entries } = await connector().history!.read(CONVERSATION, { limit: 10 });
  expect(entries.map(({ at }) => at)).toEqual(['2019-05-10T09:53:58.463Z', '2024-01-01T00:00:00.000Z']);
});

test('unknown fields, nulls, absences and unknown content types stop nothing', async () => {
  fake.on(`GET ${MESSAGES}`, {
    body: {
      messages: [
        { id: 'a', contentType: 'FROM_THE_FUTURE', content: { title: 'Hi' }, createdAt: null, isNew: true },
        { id: 'b' },
      ],
      pagination: null,
    },
  });
  const { entries } = await connector().history!.read(CONVERSATION, { limit: 10 });
  expect(entries.map(({ content }) => content)).toEqual([
    { kind: 'other', type: 'FROM_THE_FUTURE', text: '[from the future] Hi' },
    { kind: 'other', type: 'UNKNOWN', text: '[unknown]' },
  ]);
});

test('one message that cannot be read hides none of the others', async () => {
  const odd = [
    null,
    'text',
    { ...message(1), id: null },
    { ...message(2), id: {} },
    { ...message(3), id: 3, content: 7 },
  ];
  fake.on(`GET ${MESSAGES}`, listing('messages', [message(0), ...odd, message(4)] as object[]));
  const { entries } = await connector().history!.read(CONVERSATION, { limit: 10 });
  expect(entries.map(({ id, content }) => [id, content])).toEqual([
    ['m0', { kind: 'text', text: 'text 0' }],
    ['3', { kind: 'other', type: 'TEXT', text: '[text]' }],
    ['m4', { kind: 'text', text: 'text 4' }],
  ]);
});

test('a page with messages that cannot be read is not taken for the last', async () => {
  const all = [...messages(998), { id: null }, message(999), message(1000)];
  fake.on(`GET ${MESSAGES}`, listing('messages', all as object[]));
  expect((await connector().history!.read(CONVERSATION, {})).entries).toHaveLength(1000);
});

test('a server that ignores the page and sends what cannot be read does not keep us forever', async () => {
  fake.on(`GET ${MESSAGES}`, { body: { messages: Array.from({ length: 999 }, () => null) } });
  expect((await connector().history!.read(CONVERSATION, {})).entries).toEqual([]);
});

test('numbers that are written as strings are numbers', async () => {
  const body = { messages: messages(100), pagination: { totalItems: '100', limit: '100' } };
  fake.on(`GET ${MESSAGES}`, ({ query }) => ({ body: query.get('page') === '0' ? body : { messages: [] } }));
  const { entries, gap } = await connector().history!.read(CONVERSATION, { limit: 10 });
  expect([entries.length, gap]).toEqual([10, 'truncated']);
});

test('the name an end user goes by stands in the transcript', async () => {
  const named = message(1, { socialContext: { username: 'ana.k' } });
  const ours = message(2, { authorType: 'AGENT', direction: 'OUTBOUND', socialContext: { username: 'shop' } });
  fake.on(`GET ${MESSAGES}`, listing('messages', [named, ours]));
  const { entries } = await connector().history!.read(CONVERSATION, {});
  expect(entries.map(({ name }) => name)).toEqual(['ana.k', undefined]);
});

test.each([400, 404])('a conversation that does not exist is not-found, also by status %i', async (status) => {
  fake.on(`GET ${MESSAGES}`, notFound(CONVERSATION, status));
  await expect(connector().history!.read(CONVERSATION, { limit: 10 })).rejects.toMatchObject({ kind: 'not-found' });
});

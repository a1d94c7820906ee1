import { startFake, ticket, transaction, user, type Answers, type Fake } from './fake-request-tracker';

type Transaction = ReturnType<typeof transaction>;

/** A server that has these transactions, as far as the query's `id > N` and the page's size go. */
function having(transactions: () => Transaction[], more: Answers = () => undefined): Answers {
  return (asked) => {
    const { path, query } = asked;
    if (path === '/REST/2.0/transactions') {
      const after = Number(/id > (\d+)/.exec(query.get('query')!)?.[1] ?? 0);
      const found = transactions().filter(({ id }) => Number(id) > after);
      found.sort((a, b) => (query.get('order') === 'DESC' ? Number(b.id) - Number(a.id) : Number(a.id) - Number(b.id)));
      return { body: { items: found.slice(0, Number(query.get('per_page'))), total: null } };
    }
    const own = more(asked);
    if (own) return own;
    if (path === '/REST/2.0/ticket/1') return { body: ticket('1') };
    if (path === '/REST/2.0/user/alice') return { body: user('alice', 1, 'Alice Agent') };
    return undefined;
  };
}

const resolved = { OldValue: 'open', NewValue: 'resolved' };
const reopened = { OldValue: 'resolved', NewValue: 'open' };
const cursorAfter = (after: number) => JSON.stringify({ after, missing: [] });

describe('The feed', () => {
  let fake: Fake;
  afterEach(() => fake.stop());

  async function all(cursor: string) {
    const ids: string[] = [];
    let polls = 0;
    for (let more = true; more; polls++) {
      const result = await fake.contactCenter.poll!(cursor);
      ids.push(...result.events.map((event) => ('id' in event ? event.id : event.message.id)));
      ({ cursor, more } = result);
    }
    return { ids, cursor, polls };
  }

  test('starts after all that has happened so far', async () => {
    fake = await startFake(having(() => [transaction(4, 'Status', resolved), transaction(9, 'Status', reopened)]));
    const cursor = await fake.contactCenter.startCursor!();
    expect((await all(cursor)).ids).toEqual([]);
  });

  test('is read page by page to its end, in order, each transaction once', async () => {
    const happened = Array.from({ length: 250 }, (_, i) => transaction(i + 1, 'Status', i % 2 ? reopened : resolved));
    fake = await startFake(having(() => happened));
    const { ids, cursor, polls } = await all(cursorAfter(0));
    expect(ids).toEqual(happened.map(({ id }) => id));
    expect(polls).toBe(3);
    expect((await all(cursor)).ids).toEqual([]);
  });

  test('a transaction that is seen after a later one is not lost', async () => {
    const happened = [transaction(1, 'Status', resolved), transaction(3, 'Status', resolved)];
    fake = await startFake(having(() => happened));
    const first = await all(cursorAfter(0));
    happened.push(transaction(2, 'Status', reopened));
    expect((await all(first.cursor)).ids).toEqual(['2']);
  });

  test('goes on past more known transactions than a page holds', async () => {
    const happened = Array.from({ length: 300 }, (_, i) => transaction(2 * i + 1, 'Status', resolved));
    fake = await startFake(having(() => happened));
    const first = await all(cursorAfter(0));
    happened.push(transaction(700, 'Status', reopened));
    expect((await all(first.cursor)).ids).toEqual(['700']);
  });

  test.each([
    ['the service’s own account, however it is spelled', { Creator: { id: 'Handoff' } }],
    ['the customer', { Creator: { id: 'c-1@handoff.invalid' } }],
    ['the system', { Creator: { id: 'RT_System' } }],
    ['someone who is gone', { Creator: { id: 'gone' } }],
  ])('passes on no words of %s', async (_, more) => {
    const people: Answers = ({ path }) => {
      if (path === '/REST/2.0/user/RT_System') return { body: user('RT_System', 0) };
      if (path === '/REST/2.0/user/c-1@handoff.invalid') return { body: user('c-1@handoff.invalid', 0) };
      return undefined;
    };
    fake = await startFake(having(() => [transaction(1, 'Correspond', more)], people));
    expect((await all(cursorAfter(0))).ids).toEqual([]);
  });

  test('a message whose parts are gone holds nothing up', async () => {
    fake = await startFake(having(() => [transaction(1, 'Correspond'), transaction(2, 'Status', resolved)]));
    expect((await all(cursorAfter(0))).ids).toEqual(['2']);
  });

  test('one closed status after another closes once', async () => {
    const again = { OldValue: 'resolved', NewValue: 'deleted' };
    fake = await startFake(having(() => [transaction(1, 'Status', resolved), transaction(2, 'Status', again)]));
    expect((await all(cursorAfter(0))).ids).toEqual(['1']);
  });

  test('a ticket is read once for all that happens to it', async () => {
    const happened = [transaction(1, 'Status', resolved), transaction(2, 'Status', reopened)];
    fake = await startFake(having(() => happened));
    await all(cursorAfter(0));
    expect(fake.asked.filter(({ path }) => path === '/REST/2.0/ticket/1')).toHaveLength(1);
  });
});

import { having } from './fake-feed';
import { startFake, ticket, transaction, user, type Answers, type Fake } from './fake-request-tracker';

const resolved = { OldValue: 'open', NewValue: 'resolved' };
const reopened = { OldValue: 'resolved', NewValue: 'open' };
const cursorAfter = (after: number) => JSON.stringify({ after, missing: [], aside: [] });
const by = (id: string) => ({ Creator: { id } });

describe('The feed', () => {
  let fake: Fake;
  afterEach(() => fake.stop());

  async function all(cursor: string) {
    const ids: string[] = [];
    let polls = 0;
    for (let more = true; more; polls++) {
      const result = await fake.contactCenter.poll!.read(cursor);
      ids.push(...result.events.map((event) => ('id' in event ? event.id : event.message.id)));
      ({ cursor, more } = result);
    }
    return { ids, cursor, polls };
  }

  test('starts after all that has happened so far', async () => {
    fake = await startFake(having(() => [transaction(4, 'Status', resolved), transaction(9, 'Status', reopened)]));
    expect((await all(await fake.contactCenter.poll!.start())).ids).toEqual([]);
  });

  test('what was under way at the start and is visible later is not missed', async () => {
    const happened = [transaction(1, 'Status', resolved), transaction(3, 'Status', resolved)];
    fake = await startFake(having(() => happened));
    const cursor = await fake.contactCenter.poll!.start();
    happened.push(transaction(2, 'Status', reopened));
    expect((await all(cursor)).ids).toEqual(['2']);
  });

  test('is read to its end, in order, each transaction once, a bounded number at a time', async () => {
    const happened = Array.from({ length: 250 }, (_, i) => transaction(i + 1, 'Status', i % 2 ? reopened : resolved));
    fake = await startFake(having(() => happened));
    const { ids, cursor, polls } = await all(cursorAfter(0));
    expect(ids).toEqual(happened.map(({ id }) => id));
    expect(polls).toBe(13);
    expect((await all(cursor)).ids).toEqual([]);
  });

  test('a transaction that is visible after a later one is not lost', async () => {
    const happened = [transaction(1, 'Status', resolved), transaction(3, 'Status', resolved)];
    fake = await startFake(having(() => happened));
    const first = await all(cursorAfter(0));
    happened.push(transaction(2, 'Status', reopened));
    expect((await all(first.cursor)).ids).toEqual(['2']);
  });

  test('nor is one that is visible after thousands of later numbers', async () => {
    const happened = [transaction(1, 'Status', resolved), transaction(3, 'Status', resolved)];
    fake = await startFake(having(() => happened));
    let { cursor } = await all(cursorAfter(0));
    happened.push(transaction(9_000, 'Status', reopened));
    ({ cursor } = await all(cursor));
    happened.push(transaction(2, 'Status', reopened));
    expect((await all(cursor)).ids).toEqual(['2']);
  });

  test('goes on past more known transactions than a page holds', async () => {
    const happened = Array.from({ length: 300 }, (_, i) => transaction(2 * i + 1, 'Status', resolved));
    fake = await startFake(having(() => happened));
    const first = await all(cursorAfter(0));
    happened.push(transaction(700, 'Status', reopened));
    expect((await all(first.cursor)).ids).toEqual(['700']);
  });

  test.each([
    ['the service’s own account, however it is spelled', by('Handoff')],
    ['the end user', by('c-1@handoff.invalid')],
    ['the system', by('RT_System')],
    ['someone who is gone', by('gone')],
    ['nobody', { Creator: '' }],
  ])('forwards no words of %s', async (_, more) => {
    fake = await startFake(having(() => [transaction(1, 'Correspond', more)]));
    expect((await all(cursorAfter(0))).ids).toEqual([]);
  });

  test('a message whose parts are gone holds nothing up', async () => {
    const gone: Answers = ({ path }) =>
      path === '/REST/2.0/attachments' ? { body: { items: [], count: 0 } } : undefined;
    fake = await startFake(having(() => [transaction(1, 'Correspond'), transaction(2, 'Status', resolved)], gone));
    expect((await all(cursorAfter(0))).ids).toEqual(['2']);
  });

  test.each(['handoff:other:c-1#0123456789ab.1', 'PROJ-17', ''])(
    'a ticket with the key %j brings no events',
    async (key) => {
      const foreign: Answers = ({ path }) =>
        path === '/REST/2.0/ticket/1'
          ? { body: ticket('1', { CustomFields: [{ name: 'HandoffKey', values: [key] }] }) }
          : undefined;
      fake = await startFake(having(() => [transaction(1, 'Correspond'), transaction(2, 'Status', resolved)], foreign));
      expect((await all(cursorAfter(0))).ids).toEqual([]);
      expect(fake.asked.filter(({ path }) => path.includes('attachment'))).toEqual([]);
    },
  );

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

  describe('only an agent reopens a case', () => {
    const system = { ...reopened, ...by('RT_System') };
    const bob: Answers = ({ path }) => (path === '/REST/2.0/user/bob' ? { body: user('bob', 1) } : undefined);

    test.each([
      ['an agent who sets the status', [transaction(2, 'Status', { ...reopened, ...by('bob') })], true],
      ['an agent’s reply', [transaction(2, 'Correspond', by('bob')), transaction(3, 'Status', system)], true],
      ['our own reply', [transaction(2, 'Correspond', by('handoff')), transaction(3, 'Status', system)], false],
      [
        'the end user’s mail',
        [transaction(2, 'Correspond', by('c-1@handoff.invalid')), transaction(3, 'Status', system)],
        false,
      ],
      ['the system of its own accord', [transaction(3, 'Status', system)], false],
      ['ourselves', [transaction(2, 'Status', { ...reopened, ...by('handoff') })], false],
      ['the end user', [transaction(2, 'Status', { ...reopened, ...by('c-1@handoff.invalid') })], false],
    ])('%s', async (_, after, isReopened) => {
      const before = [transaction(0.5, 'Correspond', by('bob')), transaction(1, 'Status', resolved)];
      fake = await startFake(having(() => [...before, ...after], bob));
      const { events } = await fake.contactCenter.poll!.read(cursorAfter(1));
      expect(events.some(({ type }) => type === 'case-reopened')).toBe(isReopened);
    });

    test('what the service itself closes is not reported', async () => {
      fake = await startFake(having(() => [transaction(1, 'Status', { ...resolved, ...by('handoff') })]));
      expect((await all(cursorAfter(0))).ids).toEqual([]);
    });

    test('what the system closes is', async () => {
      fake = await startFake(having(() => [transaction(1, 'Status', { ...resolved, ...by('RT_System') })]));
      expect((await all(cursorAfter(0))).ids).toEqual(['1']);
    });
  });
});

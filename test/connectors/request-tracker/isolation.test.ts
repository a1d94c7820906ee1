import { withCallContext } from '../../../connectors/shared/call-context';
import { having } from './fake-feed';
import { startFake, transaction, type Answers, type Fake } from './fake-request-tracker';

const START = Date.parse('2026-11-21T12:00:00Z');
const cursorAfter = (after: number) => JSON.stringify({ after, missing: [], aside: [] });
const of = (ObjectId: string) => ({ ObjectId });

describe('P28: What cannot be read stops nothing else', () => {
  let fake: Fake;
  let now = START;
  beforeEach(() => {
    now = START;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await fake.stop();
  });

  /** One poll, so much later than the one before. */
  async function poll(cursor: string, passedMs = 0) {
    now += passedMs;
    const { events, ...result } = await fake.contactCenter.poll!.read(cursor);
    return { ...result, ids: events.map((event) => ('id' in event ? event.id : event.message.id)) };
  }

  const broken =
    (path: string, answer: ReturnType<Answers>): Answers =>
    (asked) =>
      asked.path === path ? answer : undefined;

  test.each([
    ['an attachment that answers 500', '/REST/2.0/attachment/91', { status: 500, body: 'oops' }],
    ['an attachment that may not be seen', '/REST/2.0/attachment/91', { status: 403, body: { message: 'Forbidden' } }],
    ['an attachment that never answers', '/REST/2.0/attachment/91', 'never' as const],
    ['an attachment that breaks off', '/REST/2.0/attachment/91', { body: '{ "Content" : "SGVs' }],
    ['a ticket that answers 500', '/REST/2.0/ticket/1', { status: 500, body: { message: 'Internal Server Error' } }],
    ['a ticket that a proxy answers for', '/REST/2.0/ticket/1', { status: 404, body: '<h1>Not Found</h1>' }],
  ])('%s', async (_, path, answer) => {
    let isBroken = true;
    const happened = [transaction(1, 'Correspond'), transaction(2, 'Correspond', of('2'))];
    const answers: Answers = (asked) => (isBroken ? broken(path, answer)(asked) : undefined);
    fake = await startFake(
      having(() => happened, answers),
      { timeoutMs: 1_500 },
    );
    const first = await poll(cursorAfter(0));
    expect(first).toMatchObject({ ids: ['2'], unreadable: 1 });
    happened.push(transaction(3, 'Correspond', of('2')));
    const second = await poll(first.cursor);
    expect(second.ids).toEqual(['3']);
    expect(second.unreadable).toBeUndefined();
    isBroken = false;
    expect(await poll(second.cursor, 10_000)).toMatchObject({ ids: ['1'] });
  });

  test('a message that cannot be read is tried again with growing pauses, and never dropped', async () => {
    fake = await startFake(
      having(() => [transaction(1, 'Correspond')], broken('/REST/2.0/attachment/91', { status: 500, body: '' })),
    );
    const tried: number[] = [];
    let { cursor } = await poll(cursorAfter(0));
    for (let minute = 10; minute <= 24 * 60; minute += 10) {
      const result = await poll(cursor, 600_000);
      ({ cursor } = result);
      if (result.unreadable) tried.push(minute);
    }
    expect(tried.length).toBeLessThan(35);
    expect(tried.at(-1)! - tried.at(-2)!).toBe(60);
    expect(JSON.parse(cursor)).toMatchObject({ aside: [{ id: 1, ticket: '1' }] });
  });

  test('later messages of the same ticket wait for a few tries, so that a short failure changes no order', async () => {
    let isBroken = true;
    const happened = [transaction(1, 'Correspond'), transaction(2, 'Correspond')];
    const answers: Answers = (asked) =>
      isBroken ? broken('/REST/2.0/attachment/91', { status: 503, body: '' })(asked) : undefined;
    fake = await startFake(having(() => happened, answers));
    const first = await poll(cursorAfter(0));
    expect(first.ids).toEqual([]);
    happened.push(transaction(3, 'Correspond'));
    const second = await poll(first.cursor);
    expect(second.ids).toEqual([]);
    isBroken = false;
    expect((await poll(second.cursor, 5_000)).ids).toEqual(['1', '2', '3']);
  });

  test('after these tries they no longer wait', async () => {
    const happened = [transaction(1, 'Correspond'), transaction(2, 'Correspond')];
    fake = await startFake(having(() => happened, broken('/REST/2.0/attachment/91', { status: 500, body: '' })));
    const ids: string[] = [];
    let cursor = cursorAfter(0);
    for (let i = 0; i < 4; i++) {
      const result = await poll(cursor, 60_000);
      ids.push(...result.ids);
      ({ cursor } = result);
    }
    expect(ids).toEqual(['2']);
  });

  test('too much that is set aside stops reading instead of dropping something', async () => {
    const aside = Array.from({ length: 500 }, (_, i) => ({ id: i + 1, ticket: '9', tries: 5, next: START + 1 }));
    const happened = [transaction(1, 'Correspond', of('9')), transaction(600, 'Correspond')];
    fake = await startFake(having(() => happened));
    const full = await poll(JSON.stringify({ after: 599, missing: [[590, 590, START - 3_600_000]], aside }));
    expect(full.ids).toEqual([]);
    happened.push(transaction(590, 'Correspond'));
    const freed = await poll(full.cursor, 1_000);
    expect(freed.ids).toEqual(['1']);
    expect((await poll(freed.cursor)).ids).toEqual(['590', '600']);
  });

  test('wrong credentials and an ended poll set nothing aside', async () => {
    const unauthorized = broken('/REST/2.0/ticket/1', { status: 401, body: { message: 'Unauthorized' } });
    fake = await startFake(having(() => [transaction(1, 'Correspond')], unauthorized));
    await expect(poll(cursorAfter(0))).rejects.toMatchObject({ kind: 'unauthorized' });
    await fake.stop();

    const abort = new AbortController();
    const ending: Answers = ({ path }) => {
      if (path === '/REST/2.0/ticket/1') abort.abort();
      return path === '/REST/2.0/ticket/1' ? 'never' : undefined;
    };
    fake = await startFake(having(() => [transaction(1, 'Correspond')], ending));
    const context = { signal: abort.signal, priority: 'reconcile' as const, check: () => undefined };
    await expect(withCallContext(context, () => poll(cursorAfter(0)))).rejects.toThrow();
  });
});

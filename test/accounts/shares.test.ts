import { Shares } from '../../accounts/shares';
import { failureOf } from '../support/activities';

const desk = { account: 'main', connection: 'desk' };
const other = { account: 'main', connection: 'other' };
const signal = () => new AbortController().signal;
const forever = () => new Promise<never>(() => undefined);
/** Lets everything happen that needs no time. */
const rest = () => new Promise((resolve) => setImmediate(resolve));

test('a connection whose calls hang takes no slot from another, nor from one of its name in another account', async () => {
  const shares = new Shares({ inFlight: 2, waiting: 3 });
  for (let i = 0; i < 8; i++) shares.run(desk, 'relay', signal(), forever).catch(() => undefined);
  expect(await shares.run(other, 'reconcile', signal(), () => Promise.resolve('done'))).toBe('done');
  expect(await shares.run({ ...desk, account: 'second' }, 'open', signal(), () => Promise.resolve('done'))).toBe(
    'done',
  );
});

test('so many calls run at once, and the others when it is their turn', async () => {
  const shares = new Shares({ inFlight: 2, waiting: 10 });
  const ends: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => ends.push(resolve));
  const all = Promise.all([1, 2, 3].map(() => shares.run(desk, 'relay', signal(), work)));
  await rest();
  expect(ends).toHaveLength(2);
  ends[0]!();
  await rest();
  expect(ends).toHaveLength(3);
  ends.forEach((end) => end());
  await all;
});

test('what finds no room fails at once, in a way that is retried and says why', async () => {
  const shares = new Shares({ inFlight: 1, waiting: 1 });
  for (let i = 0; i < 2; i++) shares.run(desk, 'relay', signal(), forever).catch(() => undefined);
  const failure = await failureOf(shares.run(desk, 'open', signal(), forever));
  expect(failure).toMatchObject({ kind: 'unavailable', message: expect.stringContaining("'desk'") });
});

test('relaying has room where opening and reconciling have none, and goes first', async () => {
  const shares = new Shares({ inFlight: 1, waiting: 2 });
  const order: string[] = [];
  let end = (): void => undefined;
  const first = shares.run(desk, 'relay', signal(), () => new Promise<void>((resolve) => (end = resolve)));
  const doing = (what: string) => () => Promise.resolve(void order.push(what));
  const later = [
    shares.run(desk, 'reconcile', signal(), doing('reconcile')),
    shares.run(desk, 'open', signal(), doing('open')),
    shares.run(desk, 'relay', signal(), doing('relay')),
  ];
  await expect(shares.run(desk, 'open', signal(), doing('too late'))).rejects.toMatchObject({ kind: 'unavailable' });
  end();
  await Promise.all([first, ...later]);
  expect(order).toEqual(['relay', 'open', 'reconcile']);
});

test('who is cancelled while waiting leaves the queue', async () => {
  const shares = new Shares({ inFlight: 1, waiting: 5 });
  shares.run(desk, 'relay', signal(), forever).catch(() => undefined);
  const cancelled = new AbortController();
  const work = jest.fn(forever);
  const waiting = shares.run(desk, 'relay', cancelled.signal, work);
  cancelled.abort();
  await expect(waiting).rejects.toThrow();
  expect(work).not.toHaveBeenCalled();
});

test('who is cancelled after the work has begun waits for its end', async () => {
  const shares = new Shares({ inFlight: 1, waiting: 5 });
  const cancelled = new AbortController();
  let end = (what: string): void => void what;
  const begun = shares.run(desk, 'relay', cancelled.signal, () => new Promise<string>((resolve) => (end = resolve)));
  const next = shares.run(desk, 'relay', signal(), () => Promise.resolve('next'));
  const order: string[] = [];
  void begun.then((what) => order.push(what));
  void next.then((what) => order.push(what));
  cancelled.abort();
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  end('done');
  await next;
  expect(order).toEqual(['done', 'next']);
});

test('a call that fails gives its slot to the next', async () => {
  const shares = new Shares({ inFlight: 1, waiting: 5 });
  await expect(shares.run(desk, 'relay', signal(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await shares.run(desk, 'relay', signal(), () => Promise.resolve('done'))).toBe('done');
});

test('a worker has slots for what all its connections can hold at once', () => {
  expect(new Shares({ inFlight: 40, waiting: 20 }).slots(3)).toBe(240);
});

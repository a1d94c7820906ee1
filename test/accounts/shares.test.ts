import { ShareFull, Shares } from '../../accounts/shares';

const signal = new AbortController().signal;
const hang = () => new Promise<never>(() => undefined);
const limits = { inFlight: 2, waiting: 1 };
const stuck = { account: 'a', connection: 'stuck' };

function filled(): Shares {
  const shares = new Shares(limits);
  for (let i = 0; i < 3; i++) void shares.run(stuck, 'open', signal, hang);
  return shares;
}

async function refusal(shares: Shares, priority: 'open' | 'relay' = 'open'): Promise<number> {
  const error: unknown = await shares.run(stuck, priority, signal, hang).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ShareFull);
  return (error as ShareFull).details.retryAfterMs!;
}

test('a connection that hangs takes no slot of another, nor of the same name in another account', async () => {
  const shares = filled();
  const done = () => Promise.resolve('done');
  for (const other of [
    { account: 'a', connection: 'desk' },
    { account: 'b', connection: 'stuck' },
  ]) {
    await expect(shares.run(other, 'relay', signal, done)).resolves.toBe('done');
  }
});

test('relaying may wait where opening is turned away', async () => {
  const shares = filled();
  await refusal(shares);
  const relayed = shares.run(stuck, 'relay', signal, hang);
  await expect(Promise.race([relayed, Promise.resolve('waits')])).resolves.toBe('waits');
  await refusal(shares, 'relay');
});

test('those that are turned away come again one after the other, and within three minutes', async () => {
  const shares = filled();
  const delays: number[] = [];
  for (let i = 0; i < 1_000; i++) delays.push(await refusal(shares));
  const perSecond = (from: number) => delays.filter((delay) => delay >= from && delay < from + 10_000).length / 10;
  expect(perSecond(10_000)).toBeLessThanOrEqual(6);
  expect(Math.max(...delays)).toBeLessThanOrEqual(180_000);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1_000);
});

import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startTimeLimit } from '../../domain/time-limit';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let silent: Server;
let url: string;

beforeAll(async () => {
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
});

afterAll(() => silent.close());

test('a time limit ends a call that hangs, whatever is collected as garbage meanwhile', async () => {
  const other = new AbortController();
  let ended = 0;
  const calls = Array.from({ length: 10 }, async () => {
    const limit = startTimeLimit(300, [other.signal]);
    await fetch(url, { signal: limit.signal }).catch(() => ended++);
    limit.clear();
  });
  for (let i = 0; i < 10; i++) {
    await sleep(20);
    collectGarbage();
  }
  await Promise.race([Promise.all(calls), sleep(5_000, undefined, { ref: false })]);
  expect(ended).toBe(10);
});

test('it ends with the other signals, and says that it was not the time', () => {
  const other = new AbortController();
  const limit = startTimeLimit(60_000, [undefined, other.signal]);
  expect(limit.signal.aborted).toBe(false);
  other.abort(new Error('stopped'));
  expect(limit.signal.reason).toEqual(new Error('stopped'));
  expect(limit.isReached()).toBe(false);
  limit.clear();
});

test('it has ended where another signal is aborted already', () => {
  const limit = startTimeLimit(60_000, [AbortSignal.abort()]);
  expect(limit.signal.aborted).toBe(true);
  limit.clear();
});

test('it says that it was the time', async () => {
  const limit = startTimeLimit(1);
  await sleep(20);
  expect(limit.signal.aborted).toBe(true);
  expect(limit.isReached()).toBe(true);
});

test('a limit that is cleared ends nothing', async () => {
  const other = new AbortController();
  const limit = startTimeLimit(1, [other.signal]);
  limit.clear();
  other.abort();
  await sleep(20);
  expect(limit.signal.aborted).toBe(false);
});

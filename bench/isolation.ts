import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../test/support/eventually';
import { firstToEnd } from '../sandbox/launch/ready';
import { openBare } from './bare';
import { CONVERSATIONS, type Contender } from './contender';
import { steadily } from './load';
import { readNumbers } from './options';
import { children, startParts, stopAll, type Parts } from './parts';
import { HANGING_ACCOUNT, handOff, openService } from './service';
import { percentile } from './statistics';

/**
 * `npm run bench:isolation`: what becomes of one account's relaying while the desk of another hangs. Both are served by
 * the same API and worker. See docs/benchmarks.md.
 */

const DEFAULTS = { handoffs: 1_000, rounds: 3, messages: 60, rate: 5, limit: 900 };
/** So many are started at once. */
const STARTS = 10;
/** The desk's calls have hung for longer than their time limit by then: retries and their backoff are part of it. */
const SETTLE_MS = 45_000;

interface Latency {
  p50: number;
  p95: number;
}

async function run(options: typeof DEFAULTS): Promise<void> {
  console.log('Starting Temporal and the service …');
  const parts = await startParts();
  await Promise.race([compare(parts, options), firstToEnd(children), tooLate(options.limit)]);
  await parts.sink.close();
}

async function compare(parts: Parts, options: typeof DEFAULTS): Promise<void> {
  // The bare minimum has a worker of its own: what becomes of it is Temporal's share, and the machine's.
  const contenders = [...(await openService(parts)), await openBare(parts, 'bare minimum')];
  for (const contender of contenders) await steadily(contender, parts.sink.arrivals, 2 * CONVERSATIONS, 20);
  const before = await measureAll('before', parts, contenders, options);
  await startHanging(parts, options.handoffs);
  await sleep(SETTLE_MS);
  console.log(`${parts.sink.hanging()} calls hang`);
  const during = await measureAll('during', parts, contenders, options);
  for (const { name } of contenders) {
    const [a, b] = [before.get(name)!, during.get(name)!];
    const words = (['p50', 'p95'] as const).map((key) => `${key} × ${(b[key] / a[key]).toFixed(2)}`);
    console.log(`${name} while ${options.handoffs} handoffs of another account hang: ${words.join(', ')}`);
  }
}

/** Every direction several times in turns, all its messages together. */
async function measureAll(
  when: string,
  { sink }: Parts,
  contenders: Contender[],
  { rounds, messages, rate }: typeof DEFAULTS,
): Promise<Map<string, Latency>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      times.get(contender.name)!.push(...(await steadily(contender, sink.arrivals, messages, rate)));
    }
  }
  return new Map(
    [...times].map(([name, all]) => {
      const latency = { p50: percentile(all, 50), p95: percentile(all, 95) };
      console.log(`  ${when}  ${name}  p50 ${latency.p50.toFixed(0)} ms  p95 ${latency.p95.toFixed(0)} ms`);
      return [name, latency];
    }),
  );
}

async function startHanging({ serviceUrl, sink }: Parts, count: number): Promise<void> {
  console.log(`Starting ${count} handoffs whose desk hangs …`);
  const ids = Array.from({ length: count }, (_, n) => `hanging-${n}`);
  await Promise.all(
    Array.from({ length: STARTS }, async () => {
      for (let id = ids.pop(); id; id = ids.pop()) await handOff(serviceUrl, id, HANGING_ACCOUNT);
    }),
  );
  await eventually("the desk's calls hang", () => sink.hanging() > 0);
}

async function tooLate(seconds: number): Promise<never> {
  await sleep(seconds * 1_000, undefined, { ref: false });
  throw new Error(`It has not ended within ${seconds} s (--limit).`);
}

function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = () => reject(new Error('Interrupted: there is no result.'));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  });
}

async function main(): Promise<void> {
  let failed = false;
  try {
    await Promise.race([run(readNumbers(process.argv.slice(2), DEFAULTS)), interruption()]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    failed = true;
  }
  await stopAll({ failed });
  process.exit(failed ? 1 : 0);
}

void main();

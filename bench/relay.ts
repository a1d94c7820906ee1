import { relative } from 'node:path';
import { firstToEnd } from '../sandbox/launch/ready';
import { openBare } from './bare';
import { CONVERSATIONS, type Contender } from './contender';
import { openService } from './service';
import { measure, type Turn } from './measure';
import { readOptions, type Options } from './options';
import { children, DATA, startParts, stopAll, type Parts } from './parts';
import { save, tables, type Round } from './report';

/**
 * `npm run bench`: how long a message takes from a webhook to the vendor through the whole service, compared with the
 * least that is durable, on the same Temporal server and in turns. See docs/benchmarks.md.
 */

const WARM_UP = { messages: 2 * CONVERSATIONS, rate: 20, burst: 5 * CONVERSATIONS };

async function run(options: Options): Promise<void> {
  const endBy = performance.now() + options.limit * 1000;
  console.log('Starting Temporal, the service and the bare minimum …');
  const parts = await startParts();
  await Promise.race([compare(parts, options, endBy), firstToEnd(children)]);
  await parts.sink.close();
}

async function compare(parts: Parts, options: Options, endBy: number): Promise<void> {
  const { client, sink } = parts;
  // The bare minimum is compared with itself, too: what comes of that is noise.
  const contenders = [
    await openBare(parts, 'bare minimum'),
    ...(await openService(parts)),
    await openBare(parts, 'the same again'),
  ];
  console.log('Warming up …');
  for (const contender of contenders) await measure(client, sink.arrivals, contender, WARM_UP);
  const rounds = await takeTurns(parts, contenders, options, endBy);
  const names = contenders.map(({ name }) => name);
  const { doubled } = sink.arrivals;
  console.log(`\n${tables(rounds, names)}\n\nEvery message has arrived; ${doubled} came more than once.`);
  console.log(relative(process.cwd(), save(DATA, { options, rounds, names, doubled })));
}

/** Every other round goes through the contenders backwards, so that none always comes after the same one. */
async function takeTurns(parts: Parts, contenders: Contender[], options: Options, endBy: number): Promise<Round[]> {
  const rounds: Round[] = [];
  let longest = 0;
  while (rounds.length < options.rounds && (rounds.length === 0 || performance.now() + longest < endBy)) {
    const begun = performance.now();
    const order = rounds.length % 2 === 0 ? contenders : [...contenders].reverse();
    const round: Round = {};
    for (const contender of order) {
      round[contender.name] = await measure(parts.client, parts.sink.arrivals, contender, options);
      console.log(progress(rounds.length + 1, contender, round[contender.name]!));
    }
    rounds.push(round);
    longest = Math.max(longest, performance.now() - begun);
  }
  if (rounds.length < options.rounds)
    console.log(`Only ${rounds.length} rounds fit into ${options.limit} s (--limit).`);
  return rounds;
}

function progress(round: number, { name }: Contender, { p50, p95, throughput }: Turn): string {
  const [a, b, c] = [p50, p95, throughput].map((value) => value.toFixed(0));
  return `  round ${round}  ${name.padEnd(16)}  p50 ${a} ms  p95 ${b} ms  ${c} messages/s`;
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
    await Promise.race([run(readOptions(process.argv.slice(2))), interruption()]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    failed = true;
  }
  await stopAll({ failed });
  process.exit(failed ? 1 : 0);
}

void main();

import { appendFileSync } from 'node:fs';
import { MUTATION_OPTIONS, MUTATIONS } from './mutations';
import { readOptions, usage, type TortureOptions } from './options';
import { createProgress } from './progress';
import { reportOf, resultOf } from './report';
import { runTorture, stopRuns } from './run';

/** `npm run torture`. */
async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage());
    return true;
  }
  return options === 'mutations' ? runMutations() : runOnce(options);
}

/** Whether nothing was lost; with a mutation, whether that was noticed. */
async function runOnce(options: TortureOptions): Promise<boolean> {
  const outcome = await runTorture(options, createProgress(process.stdout));
  if (options.results !== undefined) appendFileSync(options.results, `${JSON.stringify(resultOf(outcome))}\n`);
  console.log(`\n${reportOf(outcome)}`);
  return options.mutate === undefined ? outcome.failed === 0 : outcome.failed > 0;
}

/** Each protection taken out in its turn: the checker has to notice every time. */
async function runMutations(): Promise<boolean> {
  const rows: string[] = [];
  let isWhole = true;
  for (const { name, options } of MUTATIONS) {
    const outcome = await runTorture({ ...MUTATION_OPTIONS, ...options, mutate: name }, createProgress(process.stdout));
    const kinds = new Set(outcome.judged.flatMap(({ violations }) => violations.map(({ kind }) => kind)));
    const seen = [...kinds, ...(outcome.stuck ? ['stuck'] : [])].join(', ');
    rows.push(`  ${name.padEnd(20)} ${outcome.failed > 0 ? `noticed: ${seen}` : 'NOT NOTICED'}`);
    console.log(rows.at(-1));
    isWhole &&= outcome.failed > 0;
  }
  console.log(`\n${rows.join('\n')}`);
  return isWhole;
}

function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = () => reject(new Error('Interrupted: there is no result.'));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  });
}

async function run(): Promise<void> {
  try {
    process.exitCode = (await Promise.race([main(), interruption()])) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await stopRuns();
  process.exit();
}

void run();

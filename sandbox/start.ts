import { join, relative, resolve } from 'node:path';
import { Embedded } from './launch/embedded';
import { readPorts } from './launch/ports';

/** `npm start`: a Temporal server, the API, a worker and the sandbox, which begin and end together. */

const ROOT = join(__dirname, '..');

let embedded: Embedded | undefined;

/** Never resolves: it runs until a process ends that should not. */
async function run(): Promise<never> {
  const data = resolve(ROOT, process.env.SANDBOX_DATA || '.data');
  embedded = new Embedded({ root: ROOT, data, ports: readPorts(process.env), report: console.log });
  await Promise.race([embedded.start(), embedded.supervisor.failure]);
  console.log(welcome(embedded));
  return embedded.supervisor.failure;
}

function welcome({ env, logs }: Embedded): string {
  return [
    '',
    `  Try it        ${env.SANDBOX_URL}`,
    `  API           ${env.HANDOFF_API_URL}/docs`,
    `  Temporal UI   ${env.TEMPORAL_UI_URL}`,
    `  Logs          ${relative(process.cwd(), logs) || '.'}`,
    '',
    'Press Ctrl-C to stop everything.',
  ].join('\n');
}

function interruption(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => done());
  });
}

async function main(): Promise<void> {
  try {
    await Promise.race([run(), interruption()]);
    console.log('\nStopping …');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await embedded?.stop();
  process.exit();
}

void main();

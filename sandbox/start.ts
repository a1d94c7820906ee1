import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Connection } from '@temporalio/client';
import { loadSettings } from '../settings/load';
import { startChild, type Child } from './launch/child';
import { checkPorts, readPorts, type Ports } from './launch/ports';
import { firstToEnd, untilReady } from './launch/ready';
import { sandboxEnvironment } from './launch/environment';
import { findTemporalBinary } from './launch/temporal-binary';
import { connectWhenReady, startTemporalServer } from './launch/temporal-server';
import { terminalLine } from './launch/terminal';

/** `npm start`: a Temporal server, the API, a worker and the sandbox, which begin and end together. */

const ROOT = join(__dirname, '..');
const DATA = join(ROOT, '.data');
const LOGS = join(DATA, 'logs');

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_TASKS = 1;

/** In the order they were started. */
const children: Child[] = [];

function keep(child: Child): Child {
  children.push(child);
  return child;
}

function startProcess(name: string, file: string, env: NodeJS.ProcessEnv): Child {
  const onLine = (line: string, stream: 'stdout' | 'stderr') => {
    const shown = terminalLine(name, line, stream);
    if (shown) console.error(shown);
  };
  const args = ['--import', 'tsx', join(ROOT, file)];
  return keep(
    startChild({ name, command: process.execPath, args, env, cwd: ROOT, logFile: join(LOGS, `${name}.log`), onLine }),
  );
}

async function startTemporal(ports: Ports): Promise<Connection> {
  const binary = await findTemporalBinary({ env: process.env, report: console.log, onChild: keep });
  console.log('Starting Temporal …');
  const server = startTemporalServer({
    binary,
    port: ports.TEMPORAL_PORT,
    uiPort: ports.TEMPORAL_UI_PORT,
    databaseFile: join(DATA, 'temporal.db'),
    logFile: join(LOGS, 'temporal.log'),
  });
  return connectWhenReady(keep(server), `127.0.0.1:${ports.TEMPORAL_PORT}`);
}

/** In this order: what an open handoff needs of its vendors is there before a worker goes on with it. */
async function startService(env: NodeJS.ProcessEnv, temporal: Connection): Promise<void> {
  const { taskQueue } = loadSettings(env).temporal;
  console.log('Starting the sandbox, the API and a worker …');
  const sandbox = startProcess('sandbox', 'sandbox/main.ts', env);
  await untilReady(sandbox, () => answers(`${env.SANDBOX_URL}/`));
  const api = startProcess('api', 'api/main.ts', env);
  const worker = startProcess('worker', 'worker/main.ts', env);
  await Promise.all([
    untilReady(api, () => answers(`${env.HANDOFF_API_URL}/readyz`)),
    untilReady(worker, () => hasWorker(temporal, taskQueue)),
  ]);
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
}

async function hasWorker(temporal: Connection, taskQueue: string): Promise<boolean> {
  const request = { namespace: 'default', taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_TASKS };
  const { pollers } = await temporal.workflowService.describeTaskQueue(request);
  return pollers.length > 0;
}

/** Never resolves: it runs until something ends. */
async function run(): Promise<never> {
  const ports = readPorts(process.env);
  await checkPorts(ports);
  mkdirSync(LOGS, { recursive: true });
  const env = sandboxEnvironment(ports, ROOT);
  const temporal = await startTemporal(ports);
  await startService(env, temporal);
  await temporal.close();
  console.log(
    [
      '',
      `  Try it        ${env.SANDBOX_URL}`,
      `  API           ${env.HANDOFF_API_URL}/docs`,
      `  Temporal UI   ${env.TEMPORAL_UI_URL}`,
      `  Logs          ${relative(process.cwd(), LOGS) || '.'}`,
      '',
      'Ctrl-C ends it all.',
    ].join('\n'),
  );
  return firstToEnd(children);
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

/** Those that use others end first. */
async function stopAll(): Promise<void> {
  for (const child of [...children].reverse()) await child.stop();
}

async function main(): Promise<void> {
  try {
    await Promise.race([run(), interruption()]);
    console.log('\nEnding …');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await stopAll();
  process.exit();
}

void main();

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { startChild, type Child } from '../sandbox/launch/child';
import { freePort } from '../sandbox/launch/ports';
import { untilReady } from '../sandbox/launch/ready';
import { findTemporalBinary } from '../sandbox/launch/temporal-binary';
import { connectWhenReady, startTemporalServer } from '../sandbox/launch/temporal-server';
import { serviceSettings } from './service';
import { startSink, type Sink } from './sink';

const ROOT = join(__dirname, '..');
export const DATA = join(ROOT, '.data', 'bench');
/** Settings, database and logs of this run alone. */
export const RUN = join(DATA, `run-${process.pid}`);

/** All that has to run, and how to end it again. */
export interface Parts {
  client: Client;
  sink: Sink;
  serviceUrl: string;
  bareUrl: string;
}

/** What was started so far, oldest first; ends with {@link stopAll}. */
export const children: Child[] = [];

/** Those that use others end first; what they would save is not wanted. Their logs stay where something failed. */
export async function stopAll({ failed }: { failed: boolean }): Promise<void> {
  for (const child of [...children].reverse()) await child.stop(5_000);
  if (!failed) rmSync(RUN, { recursive: true, force: true });
}

export async function startParts(): Promise<Parts> {
  mkdirSync(RUN, { recursive: true });
  const [sink, servicePort, barePort, { client, address }] = await Promise.all([
    startSink(),
    freePort(),
    freePort(),
    startTemporal(),
  ]);
  const config = join(RUN, 'handoff.yaml');
  writeFileSync(config, serviceSettings(sink.url, servicePort));
  // Nothing else of this shell's environment may reach them: a TEMPORAL variable would lead to another server.
  const common = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', TEMPORAL_ADDRESS: address };
  const service = { ...common, HANDOFF_CONFIG: config };
  const bare = { ...common, SINK_URL: sink.url, API_PORT: String(barePort) };
  startProcess('service-worker', 'worker/main.ts', service);
  startProcess('bare-worker', 'bench/bare/worker.ts', bare);
  const parts = {
    client,
    sink,
    serviceUrl: `http://127.0.0.1:${servicePort}`,
    bareUrl: `http://127.0.0.1:${barePort}`,
  };
  await Promise.all([
    untilReady(startProcess('service-api', 'api/main.ts', service), () => answers(parts.serviceUrl)),
    untilReady(startProcess('bare-api', 'bench/bare/api.ts', bare), () => answers(parts.bareUrl)),
  ]);
  return parts;
}

/** The sandbox's server with its flags, on a database file of this run alone. */
export async function startTemporal(): Promise<{ client: Client; address: string }> {
  const binary = await findTemporalBinary({ env: process.env, report: console.log, onChild: keep });
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const files = { databaseFile: join(RUN, 'temporal.db'), logFile: join(RUN, 'temporal.log') };
  const server = keep(startTemporalServer({ binary, port, ...files }));
  return { client: new Client({ connection: await connectWhenReady(server, address) }), address };
}

export function startProcess(name: string, file: string, env: NodeJS.ProcessEnv): Child {
  const args = ['--import', 'tsx', join(ROOT, file)];
  return keep(startChild({ name, command: process.execPath, args, env, cwd: ROOT, logFile: join(RUN, `${name}.log`) }));
}

function keep(child: Child): Child {
  children.push(child);
  return child;
}

export async function answers(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
}

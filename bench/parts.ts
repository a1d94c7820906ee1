import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Child } from '../sandbox/launch/child';
import { freePort } from '../sandbox/launch/ports';
import { untilReady } from '../sandbox/launch/ready';
import { answers, cleanEnvironment, clientWhenReady, Processes, ROOT } from '../test/support/processes';
import { serviceSettings } from './service';
import { startSink, type Sink } from './sink';

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

const processes = new Processes(RUN);
/** What was started so far, oldest first; ends with {@link stopAll}. */
export const { children } = processes;

/** Those that use others end first; what they would save is not wanted. Their logs stay where something failed. */
export async function stopAll({ failed }: { failed: boolean }): Promise<void> {
  await processes.stopAll();
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
  const common = { ...cleanEnvironment(), TEMPORAL_ADDRESS: address };
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

/** On a database file of this run alone. */
export async function startTemporal(): Promise<{ client: Client; address: string }> {
  const { child, address } = await processes.startTemporal();
  return { client: await clientWhenReady(child, address), address };
}

export function startProcess(name: string, file: string, env: NodeJS.ProcessEnv): Child {
  return processes.startNode(name, ['--import', 'tsx', join(ROOT, file)], env);
}

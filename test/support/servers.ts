import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { Child } from '../../sandbox/launch/child';
import { freePort } from '../../sandbox/launch/ports';
import { findTemporalBinary } from '../../sandbox/launch/temporal-binary';
import { connectWhenReady, startTemporalServer } from '../../sandbox/launch/temporal-server';
import { findTimeSkippingServer } from './time-skipping-server';

/** What the projects `temporal` and `external` share: one Temporal server and one bundle of the workflows per run. */

let server: Child | undefined;
let folder: string | undefined;

/** Tells the tests by environment variables; `temporal.ts` beside this file reads them. */
export async function startServers(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'durable-handoff-'));
  process.env.TEST_LOGS = join(folder, 'logs');
  mkdirSync(process.env.TEST_LOGS);
  await Promise.all([startTemporal(process.env.TEST_LOGS), bundle(folder), prepareTimeSkipping()]);
}

/** The logs of a failed run stay: `jest-reporter.mjs` has printed where they are. */
export async function stopServers(): Promise<void> {
  await server?.stop();
  if (!folder) return;
  const kept = process.env.TEST_LOGS_KEPT === 'true';
  rmSync(kept ? bundleIn(folder) : folder, { recursive: true, force: true });
}

/** Another process may take a free port before the server has it: then it is started on another one. */
const STARTS = 3;

async function startTemporal(logs: string): Promise<void> {
  const binary = await findTemporalBinary({ env: process.env, report: (line) => process.stderr.write(`${line}\n`) });
  for (let start = 1; ; start++) {
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const logFile = join(logs, start === 1 ? 'temporal-server.log' : `temporal-server-${start}.log`);
    server = startTemporalServer({ binary, port, logFile });
    try {
      const connection = await connectWhenReady(server, address);
      await connection.close();
      process.env.TEST_TEMPORAL_ADDRESS = address;
      return;
    } catch (error) {
      await server.stop();
      if (start === STARTS) throw error;
    }
  }
}

async function bundle(target: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(__dirname, '..', '..', 'workflows'),
    logger: new DefaultLogger('WARN'),
  });
  process.env.TEST_WORKFLOW_BUNDLE = bundleIn(target);
  writeFileSync(process.env.TEST_WORKFLOW_BUNDLE, code);
}

const bundleIn = (target: string) => join(target, 'workflow-bundle.js');

async function prepareTimeSkipping(): Promise<void> {
  const timeSkipping = await findTimeSkippingServer(process.env);
  if ('path' in timeSkipping) process.env.TEST_TIME_SKIPPING_SERVER = timeSkipping.path;
  else process.env.TEST_TIME_SKIPPING_MISSING = timeSkipping.missing;
}

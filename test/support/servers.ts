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

async function startTemporal(logs: string): Promise<void> {
  const binary = await findTemporalBinary({ env: process.env, report: (line) => process.stderr.write(`${line}\n`) });
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  server = startTemporalServer({ binary, port, logFile: join(logs, 'temporal-server.log') });
  const connection = await connectWhenReady(server, address);
  await connection.close();
  process.env.TEST_TEMPORAL_ADDRESS = address;
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

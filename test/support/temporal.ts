import { randomUUID } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { lineOf, type LogLine } from '../../worker/log-line';
import { encodedSearchAttributes } from '../../worker/search-attributes';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

/** The Temporal server that Jest's global setup started for this run. */
export function testAddress(): string {
  return fromSetup('TEST_TEMPORAL_ADDRESS');
}

/** The workflows, bundled once for this run. */
export function testWorkflowBundle(): { codePath: string } {
  return { codePath: fromSetup('TEST_WORKFLOW_BUNDLE') };
}

function fromSetup(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: this test belongs in a folder of Jest's project 'temporal' or 'external'.`);
  return value;
}

/** For workers and, by `new Client({ connection })`, for clients. Whoever asks for one closes it. */
export async function testConnection(address = testAddress()): Promise<NativeConnection> {
  keepQuiet();
  return NativeConnection.connect({ address });
}

let quiet = false;
const lines: LogLine[] = [];

/** What the workers of this test file have logged, as a worker's log has it. */
export function workerLines(): readonly LogLine[] {
  return lines;
}

/**
 * Sends what the SDK has to say to the test file's log instead of the terminal. Must come before any other use of the
 * SDK in a test file.
 */
export function keepQuiet(): void {
  if (quiet) return;
  quiet = true;
  const testFile = relative(join(__dirname, '..'), expect.getState().testPath ?? 'unknown');
  // Kept open: what the SDK says at the very end may come after the folder was removed.
  const log = openSync(join(fromSetup('TEST_LOGS'), testFile.replaceAll('/', '-').replace(/\.ts$/, '.log')), 'a');
  const logger = new DefaultLogger('INFO', ({ level, message, meta, timestampNanos }) => {
    const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    lines.push(lineOf(level, message, meta));
    writeSync(log, `${time} ${level} ${message} ${inspect(meta, { breakLength: Infinity })}\n`);
  });
  // Without `forward` the SDK's native part writes to the terminal itself.
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } } });
}

export interface TestWorker {
  client: Client;
  connection: NativeConnection;
  taskQueue: string;
  worker: Worker;
  /** Lets what is under way end, then leaves the server. Throws what the worker died of, if it did. */
  stop: () => Promise<void>;
}

/** Runs the workflows with the given activities, on a task queue of its own unless one is given. */
export async function startTestWorker({
  activities,
  taskQueue = `test-${randomUUID()}`,
}: {
  activities: object;
  taskQueue?: string;
}): Promise<TestWorker> {
  const connection = await testConnection();
  const workflowBundle = testWorkflowBundle();
  const worker = await Worker.create({ connection, taskQueue, activities, workflowBundle });
  const run = worker.run();
  // Seen by stop(), also where it comes long after.
  run.catch(() => undefined);
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await run.finally(() => connection.close());
  };
  return { client: new Client({ connection }), connection, taskQueue, worker, stop };
}

/** Why there is no time-skipping server; undefined where there is one. See `describeWith` in parts.ts. */
export function timeSkippingMissing(): string | undefined {
  return process.env.TEST_TIME_SKIPPING_SERVER ? undefined : process.env.TEST_TIME_SKIPPING_MISSING;
}

/**
 * A server of its own whose clock jumps ahead while nothing but timers is awaited. For timers only: it has no
 * visibility, and continue-as-new is not atomic there. Whoever asks for one tears it down.
 */
export async function createTimeSkipping(): Promise<TestWorkflowEnvironment> {
  keepQuiet();
  const path = fromSetup('TEST_TIME_SKIPPING_SERVER');
  const server = { executable: { type: 'existing-path', path } } as const;
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server });
  // This server can add attributes, but not list them.
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace,
    searchAttributes: encodedSearchAttributes(SEARCH_ATTRIBUTES),
  });
  return env;
}

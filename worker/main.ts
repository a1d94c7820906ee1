import { Client } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { connect } from '../accounts/connect';
import { loadSettings, SettingsError } from '../settings/load';
import { createLogger, type Logger } from '../settings/logger';
import { temporalConnectionOptions } from '../settings/temporal';
import { workflowCode } from './bundle';
import { ensureJanitors } from './janitor-schedules';
import { registerSearchAttributes } from './search-attributes';
import { installTelemetry } from './telemetry';
import { versionFrom } from './version';
import { createWorkers } from './workers';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** The process that runs workflows and activities. SIGTERM and SIGINT let what is under way end first. */
async function main(): Promise<void> {
  const settings = loadSettings();
  const version = versionFrom(process.env);
  const logger = createLogger('worker', settings.log.level);
  installTelemetry(logger, process.env.WORKER_METRICS_ADDRESS);
  const { namespace, ...options } = temporalConnectionOptions(settings.temporal, process.env);
  const connection = await connectWithBackoff(options, logger);
  await registerSearchAttributes(connection, namespace);
  const accounts = connect(settings);
  await ensureJanitors(new Client({ connection, namespace }), settings);
  const code = await workflowCode();
  const workers = await createWorkers({ connection, namespace, settings, accounts, code, version });
  const { taskQueue } = settings.temporal;
  logger.info({ address: options.address, namespace, taskQueue, ...version }, 'worker is ready');
  if (version) logger.info(version, 'a version takes tasks once it is current or ramping; see docs/upgrades.md');
  try {
    // The SDK stops workers on signals. Should one fail, the other must not go on alone.
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await connection.close();
  }
  logger.info('worker has stopped');
}

/** Temporal may come up after us: the worker retries and logs it. */
async function connectWithBackoff(options: NativeConnectionOptions, logger: Logger): Promise<NativeConnection> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ address: options.address, reason, tryAgainInMs: pause }, 'Temporal is unreachable; retrying');
      await delay(pause);
    }
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof SettingsError || error instanceof Error ? error.message : error);
    process.exit(1);
  },
);

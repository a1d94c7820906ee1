import { makeTelemetryFilterString, Runtime, type LogLevel } from '@temporalio/worker';
import { oncePerFailure } from '../activities/repetition';
import type { Logger } from '../settings/logger';
import { LEVELS, lineOf } from './log-line';

/**
 * Has the SDK log through our logger, and offer its metrics to Prometheus where an address is given
 * (`WORKER_METRICS_ADDRESS`, like `0.0.0.0:9464`). Once per process, before any connection.
 */
export function installTelemetry(logger: Logger, metricsAddress: string | undefined): void {
  const log = (level: LogLevel, message: string, meta?: object) => {
    // The SDK traces every task: nothing is put into words that is not written.
    if (!logger.isLevelEnabled(LEVELS[level])) return;
    const line = lineOf(level, message, meta);
    const repeated = line.speaksFor === undefined ? {} : oncePerFailure(line.speaksFor);
    if (repeated) logger[line.level]({ ...line.fields, ...repeated }, line.message);
  };
  Runtime.install({
    logger: {
      log,
      trace: (message, meta) => log('TRACE', message, meta),
      debug: (message, meta) => log('DEBUG', message, meta),
      info: (message, meta) => log('INFO', message, meta),
      warn: (message, meta) => log('WARN', message, meta),
      error: (message, meta) => log('ERROR', message, meta),
    },
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) },
      ...(metricsAddress && {
        metrics: { prometheus: { bindAddress: metricsAddress, useSecondsForDurations: true } },
      }),
    },
  });
}

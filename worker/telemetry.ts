import { makeTelemetryFilterString, Runtime, type LogLevel } from '@temporalio/worker';
import type { Logger } from '../settings/logger';

/**
 * Has the SDK log through our logger, and offer its metrics to Prometheus where an address is given
 * (`WORKER_METRICS_ADDRESS`, like `0.0.0.0:9464`). Once per process, before any connection.
 */
export function installTelemetry(logger: Logger, metricsAddress: string | undefined): void {
  const log = (level: LogLevel, message: string, meta?: object) => {
    // The watchers' worker has none on purpose.
    if (message.startsWith('No workflows registered')) return;
    if (level === 'ERROR') logger.error(meta, message);
    else if (level === 'WARN') logger.warn(meta, message);
    else if (level === 'INFO') logger.info(meta, message);
    else logger.debug(meta, message);
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

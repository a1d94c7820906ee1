import pino, { type Logger } from 'pino';

export type { Logger };

/** One JSON line per event on stdout: ids and sizes, never message texts, never secrets. */
export function createLogger(process: string, level: string): Logger {
  return pino({
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

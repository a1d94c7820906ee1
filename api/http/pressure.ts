import type { RequestHandler } from 'express';
import { performance } from 'node:perf_hooks';
import type { AppContext } from '../context';
import { unavailable } from './problem';

const SAMPLE_EVERY_MS = 100;
const SATURATED = 0.98;
/** So many samples in a row make it more than a burst. */
const SAMPLES = 5;

/** How the limit moves: down quickly, up slowly, and never below a floor, so that work goes on in any case. */
const SHRINK = 0.7;
const GROW = 1 / 20;
const FLOOR = 1 / 8;

/**
 * The limit for requests in flight: less than `max` while the process has no idle moment left. What it does not
 * handle then would not wait in its own memory, where it is counted, but unseen in the kernel's, for many seconds.
 * @param utilization of the event loop since the last call, 0 to 1
 */
export function adaptedLimit(max: number, utilization: () => number): { sample: () => void; limit: () => number } {
  let limit = max;
  let saturated = 0;
  return {
    limit: () => Math.max(1, Math.floor(limit)),
    sample: () => {
      saturated = utilization() >= SATURATED ? saturated + 1 : 0;
      if (saturated >= SAMPLES) limit = Math.max(max * FLOOR, limit * SHRINK);
      else if (saturated === 0) limit = Math.min(max, limit + max * GROW);
    },
  };
}

/** An adapted limit that samples this process. */
export function limitUnderPressure(max: number): () => number {
  let last = performance.eventLoopUtilization();
  const { sample, limit } = adaptedLimit(max, () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  });
  setInterval(sample, SAMPLE_EVERY_MS).unref();
  return limit;
}

/** A webhook's origin, as the gate knows it. */
export function webhookOrigin(account: string, connection: string): string {
  return `${account}/${connection}`;
}

/** Refuses webhooks that find no place, before anything that costs more than the refusal. */
export function refuseEarly({ gates, metrics }: Pick<AppContext, 'gates' | 'metrics'>): RequestHandler {
  return (req, _res, next) => {
    const [, account, connection] = /^\/webhooks\/([^/?]{1,40})\/([^/?]{1,40})/.exec(req.url) ?? [];
    if (account === undefined || !gates.requests.isFull(webhookOrigin(account, connection!))) {
      next();
      return;
    }
    metrics.shed.inc();
    throw unavailable('Too many requests are in flight.', { retryAfterMs: 1_000 });
  };
}

import { Router } from 'express';
import type { AppContext } from '../context';

/** The metrics for Prometheus. */
export function metricsRoutes({ metrics: { registry } }: AppContext): Router {
  return Router().get('/metrics', async (_req, res) => {
    res.set('Content-Type', registry.contentType).send(await registry.metrics());
  });
}

import { Router } from 'express';
import type { AppContext } from '../context';

/** Liveness: this process runs. Readiness: Temporal answers as well. */
export function healthRoutes({ temporal }: AppContext): Router {
  return Router()
    .get('/healthz', (_req, res) => {
      res.json({ status: 'ok' });
    })
    .get('/readyz', async (_req, res) => {
      await temporal.ping();
      res.json({ status: 'ready' });
    });
}

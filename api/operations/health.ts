import { Router } from 'express';
import type { AppContext } from '../context';

/** `healthz`: this process lives. `readyz`: it can do its work, because Temporal answers. */
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

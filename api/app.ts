import express, { type Express } from 'express';
import { createContext, type AppDeps } from './context';
import { observe, securityHeaders } from './observe';
import { notFound, problemHandler } from './problem';
import { docsRoutes } from './routes/docs';
import { handoffRoutes } from './routes/handoffs';
import { healthRoutes } from './routes/health';
import { mediaRoutes } from './routes/media';
import { metricsRoutes } from './routes/metrics';
import { webhookRoutes } from './routes/webhooks';

/** The whole API, ready to listen; it neither opens nor closes anything it was given. */
export function createApp(deps: AppDeps): Express {
  const context = createContext(deps);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(observe(context.logger, context.metrics), securityHeaders);
  const rooms = [handoffRoutes, webhookRoutes, mediaRoutes, healthRoutes, metricsRoutes, docsRoutes];
  for (const routes of rooms) app.use(routes(context));
  app.use(notFound, problemHandler(context.logger));
  return app;
}

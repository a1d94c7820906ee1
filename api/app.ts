import express, { type Express } from 'express';
import { createContext, type AppDeps } from './context';
import { observe, securityHeaders } from './http/observe';
import { notFound, problemHandler } from './http/problem';
import { docsRoutes } from './operations/docs';
import { handoffRoutes } from './handoffs/routes';
import { healthRoutes } from './operations/health';
import { mediaRoutes } from './media/routes';
import { metricsRoutes } from './operations/metrics-route';
import { webhookRoutes } from './webhooks/routes';

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

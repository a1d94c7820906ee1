import express, { type Express } from 'express';
import { createContext, type AppDeps } from './context';
import { handoffRoutes } from './handoffs/routes';
import { logRequests, measureRequests, securityHeaders } from './http/observe';
import { refuseEarly } from './http/pressure';
import { notFound, problemHandler } from './http/problem';
import { mediaRoutes } from './media/routes';
import { docsRoutes } from './operations/docs';
import { healthRoutes } from './operations/health';
import { metricsRoutes } from './operations/metrics-route';
import { webhookRoutes } from './webhooks/routes';

/** The whole API, ready to listen; it neither opens nor closes anything it was given. */
export function createApp(deps: AppDeps): Express {
  const context = createContext(deps);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(refuseEarly(context));
  app.use(logRequests(context.logger), measureRequests(context.metrics), securityHeaders);
  const routers = [handoffRoutes, webhookRoutes, mediaRoutes, healthRoutes, metricsRoutes, docsRoutes];
  for (const routes of routers) app.use(routes(context));
  app.use(notFound, problemHandler(context.logger));
  return app;
}

import type { Request, RequestHandler } from 'express';
import { randomUUID } from 'node:crypto';
import type { Logger } from '../../settings/logger';
import type { Metrics } from '../operations/metrics';

/**
 * Gives each request an id and notes its end in log and metrics. The route's template is noted and never the
 * address itself, which may hold a secret or a conversation's id.
 */
export function observe(logger: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const requestId = /^[\w.-]{1,64}$/.exec(req.get('x-request-id') ?? '')?.[0] ?? randomUUID();
    res.locals.requestId = requestId;
    res.set('X-Request-Id', requestId);
    const startedAt = performance.now();
    res.on('close', () => {
      const ms = performance.now() - startedAt;
      const route = routeOf(req);
      const status = res.writableFinished ? res.statusCode : 499; // the caller hung up first
      metrics.requests.observe({ method: req.method, route, status }, ms / 1000);
      const caller = res.locals.caller as string | undefined;
      logger.info({ requestId, method: req.method, route, status, ms: Math.round(ms), caller }, 'request');
    });
    next();
  };
}

function routeOf(req: Request): string {
  const route = req.route as { path: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'none';
}

/** For answers that no browser is meant to render or embed. */
export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
  });
  next();
};

import { createServer, type RequestListener, type Server } from 'node:http';

/**
 * The time limits for what a client sends. They also end the connections of uploads that were refused and whose rest
 * is discarded as it arrives. Answers are not limited by them.
 */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 };

/** The API's HTTP server, not listening yet. */
export function createApiServer(app: RequestListener): Server {
  return createServer(LIMITS, app);
}

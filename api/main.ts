import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from '../accounts/connect';
import { loadSettings } from '../settings/load';
import { createLogger, type Logger } from '../settings/logger';
import type { Settings } from '../settings/schema';
import { temporalConnectionOptions } from '../settings/temporal';
import { createApp } from './app';
import { createApiServer } from './server';

/** How long requests under way may take once the process is asked to stop. */
const SHUTDOWN_MS = 15_000;

async function main(): Promise<void> {
  const settings = loadSettings();
  const logger = createLogger('api', settings.log.level);
  const { namespace, ...options } = temporalConnectionOptions(settings.temporal, process.env);
  // Callers try again themselves: better a quick 503 than the client's own half minute of attempts.
  const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 4 }))];
  const connection = Connection.lazy({ ...options, interceptors });
  const client = new Client({ connection, namespace });
  const server = createApiServer(createApp({ settings, accounts: connect(settings), client, logger }));

  await listen(server, settings.api);
  logger.info({ address: server.address(), temporal: options.address, namespace }, 'listening');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void shutDown(server, connection, logger));
  }
}

/** Throws a sentence that names the setting where the address cannot be had. */
async function listen(server: Server, { port, host }: Settings['api']): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new Error(`Port ${port} is in use already; choose another one in api.port.`);
    if (code === 'EADDRNOTAVAIL') throw new Error(`This machine has no address ${host}; see api.host.`);
    if (code === 'EACCES') throw new Error(`This process may not listen on port ${port}; see api.port.`);
    throw error;
  }
}

/** Takes no new connection, lets the requests under way end, then leaves Temporal. */
async function shutDown(server: Server, connection: Connection, logger: Logger): Promise<void> {
  logger.info('stopping');
  const closed = once(server, 'close');
  server.close();
  const limit = setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS);
  await closed;
  clearTimeout(limit);
  await connection.close();
  logger.info('stopped');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

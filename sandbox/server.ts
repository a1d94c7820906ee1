import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import { ACCOUNTS, createSimulators, type SandboxOptions, type Simulators } from './accounts';
import { createHandoffApi } from './handoff-api';
import { createProcesses, processRoutes } from './processes';
import { sendProblem } from './shared/problem';
import { businessMessagesPhone } from './state/business-messages';
import { infobipPhone } from './state/infobip';
import { LastKnown } from './state/last-known';
import { readState, type SandboxAccount, type Sources } from './state/join';

export { optionsFrom, type SandboxOptions } from './accounts';

export interface Sandbox extends Simulators {
  /** Listens on the loopback address and answers with its own address. */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
}

/** The simulators of the vendors, the page to try them, and what the page reads. */
export function createSandboxServer(options: SandboxOptions): Sandbox {
  const { apiUrl, temporalUiUrl } = options;
  const simulators = createSimulators(options);
  const app = createApp(simulators, {
    accounts: accountsOf(simulators),
    handoffs: new LastKnown(createHandoffApi(options)),
    processes: options.processes && createProcesses(options.processes),
    links: { apiDocs: `${apiUrl}/docs`, temporalUi: temporalUiUrl },
  });
  const server = createServer(app);
  return {
    ...simulators,
    listen: (port) => listen(server, port),
    async close() {
      const { infobip, desk, businessMessages, businessDesk } = simulators;
      for (const simulator of [infobip, desk, businessMessages, businessDesk]) simulator.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function accountsOf({ infobip, desk, businessMessages, businessDesk }: Simulators): SandboxAccount[] {
  return [
    { phone: infobipPhone(infobip, ACCOUNTS.infobip), platformFaults: infobip.faults, desk },
    {
      phone: businessMessagesPhone(businessMessages, ACCOUNTS.businessMessages),
      platformFaults: businessMessages.faults,
      desk: businessDesk,
    },
  ];
}

function createApp({ infobip, desk, businessMessages, businessDesk }: Simulators, sources: Sources): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use('/infobip', infobip.router);
  app.use('/desk', desk.router);
  app.use('/business-messages', businessMessages.router);
  app.use('/business-desk', businessDesk.router);
  app.get('/state', async (req, res) => {
    const state = await readState(sources, req.query);
    if (state) res.set('cache-control', 'no-store').json(state);
    else sendProblem(res, 404, { detail: 'the sandbox has no such platform' });
  });
  if (sources.processes) app.use(processRoutes(sources.processes));
  app.use(pageHeaders, express.static(join(__dirname, 'page')));
  return app;
}

/** The page runs only its own files, whatever a message contains. Agents' pictures may come from anywhere. */
const pageHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'content-security-policy': "default-src 'self'; img-src * data:; object-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  next();
};

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

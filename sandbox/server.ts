import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import { createDesk, type Desk } from './desk';
import { createInfobipStandIn, type InfobipStandIn } from './infobip';
import { createLayer, type LayerOptions } from './layer';
import { sendProblem } from './shared/problem';
import { readState, type Sources } from './state/join';
import { infobipPhone } from './state/phone';

/** The names of sandbox/handoff.sandbox.yaml. */
const ACCOUNT = 'main';
const CONTACT_CENTER = 'desk';

export interface SandboxOptions extends LayerOptions {
  infobipApiKey: string;
  /** `whsec_…`, shared by the desk and the layer. */
  deskSecret: string;
  temporalUiUrl?: string;
  /** Where the sandbox itself is reached, for links to cases. */
  url?: string;
  /** How long the stand-ins wait before each further attempt of a webhook. */
  retryScheduleMs?: number[];
}

export interface Sandbox {
  infobip: InfobipStandIn;
  desk: Desk;
  /** Listens on the loopback address and answers with its own address. */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
}

/** The options by the variables of `sandboxEnvironment`, of which each has to be set. */
export function optionsFrom(env: NodeJS.ProcessEnv): SandboxOptions {
  return {
    apiUrl: env.HANDOFF_API_URL!,
    botKey: env.HANDOFF_BOT_KEY!,
    readKey: env.HANDOFF_OPERATOR_KEY!,
    infobipApiKey: env.INFOBIP_API_KEY!,
    deskSecret: env.DESK_SECRET!,
    temporalUiUrl: env.TEMPORAL_UI_URL,
    url: env.SANDBOX_URL,
  };
}

/** The stand-ins of the vendors, the page to try them, and what the page reads. */
export function createSandboxServer(options: SandboxOptions): Sandbox {
  const { apiUrl, deskSecret, retryScheduleMs, url, temporalUiUrl } = options;
  const layer = createLayer(options);
  const infobip = createInfobipStandIn({
    apiKey: options.infobipApiKey,
    retryScheduleMs,
    bot: {
      async call(conversationId) {
        const name = infobip.endUsers.conversation(conversationId)?.customer?.name;
        await layer.start({ account: ACCOUNT, conversationId, ...(name && { customer: { name } }) });
        return {};
      },
    },
  });
  const webhookUrl = `${apiUrl}/webhooks/${ACCOUNT}/${CONTACT_CENTER}`;
  const desk = createDesk({ secret: deskSecret, webhookUrl, baseUrl: url && `${url}/desk`, retryScheduleMs });
  const app = createApp(infobip, desk, {
    phones: [infobipPhone(infobip, ACCOUNT)],
    desk,
    layer,
    links: { apiDocs: `${apiUrl}/docs`, temporalUi: temporalUiUrl },
    faults: () => ({ platform: infobip.faults.webhooks.delivery, desk: desk.faults.webhooks.delivery }),
  });
  const server = createServer(app);
  return {
    infobip,
    desk,
    listen: (port) => listen(server, port),
    async close() {
      infobip.close();
      desk.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createApp(infobip: InfobipStandIn, desk: Desk, sources: Sources): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use('/infobip', infobip.router);
  app.use('/desk', desk.router);
  app.get('/state', async (req, res) => {
    const state = await readState(sources, req.query);
    if (state) res.set('cache-control', 'no-store').json(state);
    else sendProblem(res, 404, { detail: 'the sandbox has no such platform' });
  });
  app.use(pageHeaders, express.static(join(__dirname, 'page')));
  return app;
}

/** The page runs its own files alone, whatever a message holds. Agents' pictures may come from anywhere. */
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

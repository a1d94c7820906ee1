import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sandboxEnvironment } from '../../sandbox/launch/environment';
import { freePort } from '../../sandbox/launch/ports';
import { createSandboxServer, optionsFrom, type Sandbox } from '../../sandbox/server';
import type { SandboxState } from '../../sandbox/state/view';

/**
 * The sandbox with an API that takes each handoff and says of it what a test wants. Webhooks of Business Messages go on
 * to the bot, as outside a handoff.
 */
export interface SandboxWithFakeService {
  sandbox: Sandbox;
  url: string;
  /** What the settings file and the sandbox read. */
  env: NodeJS.ProcessEnv;
  /** What the API was asked. */
  asked: { method: string; url: string; key: string; body: string }[];
  /** What the API says to a reader. */
  answer: { status: number; body: unknown };
  state(query?: Record<string, string>): Promise<SandboxState>;
  /** Begins anew, as a test would find it. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startSandboxWithFakeService(): Promise<SandboxWithFakeService> {
  const api = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      if (req.url === '/webhooks/business/platform') return void passOn(body, req.headers, res);
      self.asked.push({ method: req.method!, url: req.url!, key: req.headers.authorization ?? '', body });
      const { status, body: said } = req.method === 'POST' ? { status: 202, body: {} } : self.answer;
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  const ports = {
    API_PORT: await freePort(),
    SANDBOX_PORT: await freePort(),
    TEMPORAL_PORT: 7233,
    TEMPORAL_UI_PORT: 8233,
  };
  const env = sandboxEnvironment(ports, join(__dirname, '..', '..'));
  await new Promise<void>((resolve) => api.listen(ports.API_PORT, '127.0.0.1', resolve));
  const sandbox = createSandboxServer(optionsFrom(env));
  const url = await sandbox.listen(ports.SANDBOX_PORT);

  async function passOn(body: string, { 'x-goog-signature': signature }: IncomingHttpHeaders, res: ServerResponse) {
    const headers = { 'x-goog-signature': String(signature) };
    const answer = await fetch(`${url}/business-messages/bot`, { method: 'POST', headers, body });
    res.writeHead(answer.status).end();
  }

  const self: SandboxWithFakeService = {
    sandbox,
    url,
    env,
    asked: [],
    answer: { status: 404, body: {} },
    async state(query = {}) {
      const response = await fetch(`${url}/state?${new URLSearchParams(query).toString()}`);
      return (await response.json()) as SandboxState;
    },
    reset() {
      const { infobip, businessMessages, desk, businessDesk } = sandbox;
      for (const simulator of [infobip, businessMessages, desk, businessDesk]) simulator.reset();
      self.asked = [];
      self.answer = { status: 404, body: { title: 'Not Found' } };
    },
    async stop() {
      await sandbox.close();
      api.closeAllConnections();
      await new Promise((resolve) => api.close(resolve));
    },
  };
  return self;
}

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sandboxEnvironment } from '../../sandbox/launch/environment';
import { freePort } from '../../sandbox/launch/ports';
import { createSandboxServer, optionsFrom, type Sandbox } from '../../sandbox/server';
import type { SandboxState } from '../../sandbox/state/view';

/**
 * The sandbox with a fake API that accepts each handoff and answers readers with what a test sets. It passes the webhooks
 * of Business Messages to the bot, as the API does outside a handoff.
 */
export interface SandboxWithFakeApi {
  sandbox: Sandbox;
  url: string;
  /** What the settings file and the sandbox read. */
  env: NodeJS.ProcessEnv;
  /** The requests that the API got. */
  asked: { method: string; url: string; key: string; body: string }[];
  /** What the API answers to a reader. */
  answer: { status: number; body: unknown };
  state(query?: Record<string, string>): Promise<SandboxState>;
  /** Empties the simulators and forgets requests and answers. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startSandboxWithFakeApi(extraEnv: NodeJS.ProcessEnv = {}): Promise<SandboxWithFakeApi> {
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
  const env = { ...sandboxEnvironment(ports, join(__dirname, '..', '..')), ...extraEnv };
  await new Promise<void>((resolve) => api.listen(ports.API_PORT, '127.0.0.1', resolve));
  const sandbox = createSandboxServer(optionsFrom(env));
  const url = await sandbox.listen(ports.SANDBOX_PORT);

  async function passOn(body: string, { 'x-goog-signature': signature }: IncomingHttpHeaders, res: ServerResponse) {
    const headers = { 'x-goog-signature': String(signature) };
    const answer = await fetch(`${url}/business-messages/bot`, { method: 'POST', headers, body });
    res.writeHead(answer.status).end();
  }

  const self: SandboxWithFakeApi = {
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

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { odoo } from '../../../connectors/odoo';

export interface FakeAnswer {
  status?: number;
  body: unknown;
}

/** Answers each method of a model as the test says, and remembers what it was asked. */
export async function startFakeOdoo(answers: Record<string, (args: Args) => FakeAnswer>) {
  const calls: { method: string; args: Args }[] = [];
  const server = createServer((req, res) => {
    void json(req).then((args) => {
      const method = (req.url ?? '').replace('/json/2/', '');
      calls.push({ method, args: args as Args });
      const { status = 200, body } = answers[method]?.(args as Args) ?? { status: 404, body: '<h1>Not Found</h1>' };
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own = odoo.settings.parse({ kind: 'odoo', baseUrl, apiKey: 'secret-key' }) as { kind: string };
  return {
    calls,
    contactCenter: odoo.create(own, { account: 'main', processes: 1 }),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Args {
  domain?: [string, string, unknown][];
  fields?: string[];
  data?: string[][];
  ids?: number[];
}

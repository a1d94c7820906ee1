import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Supervisor } from './supervisor';

export interface ControlOptions {
  /** Identifies this run. Not a secret. */
  id: string;
  /** Whoever sends it as a bearer token may see and kill processes. */
  token: string;
  supervisor: Pick<Supervisor, 'view' | 'kill'>;
}

export interface ControlServer {
  url: string;
  close: () => Promise<void>;
}

const STATUS_OF = { killed: 202, unknown: 404, 'not-running': 409 } as const;

/**
 * What `npm start` can be asked on the loopback address, at a port of the system's choice: which run it is (`GET /`),
 * and, by the sandbox alone, how its processes are (`GET /processes`) and to kill one
 * (`POST /processes/{name}/kill`).
 */
export async function startControlServer(options: ControlOptions): Promise<ControlServer> {
  const server = createServer((req, res) => {
    const { status, body } = answerTo(req, options);
    respond(res, status, body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(req: IncomingMessage, { id, token, supervisor }: ControlOptions): { status: number; body: object } {
  const call = `${req.method} ${req.url}`;
  if (call === 'GET /') return { status: 200, body: { id } };
  if (!isBearer(token, req.headers.authorization)) return { status: 401, body: {} };
  if (call === 'GET /processes') return { status: 200, body: supervisor.view() };
  const [, name] = /^POST \/processes\/([a-z]+)\/kill$/.exec(call) ?? [];
  return name === undefined ? { status: 404, body: {} } : { status: STATUS_OF[supervisor.kill(name)], body: {} };
}

function isBearer(token: string, header = ''): boolean {
  const [given, right] = [Buffer.from(header), Buffer.from(`Bearer ${token}`)];
  return given.length === right.length && timingSafeEqual(given, right);
}

function respond(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

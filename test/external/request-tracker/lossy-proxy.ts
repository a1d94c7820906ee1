import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Stands before a server and passes everything on, but for the answers it is told to lose. */
export interface LossyProxy {
  url: string;
  /** The next request like this takes effect, and whoever made it sees its connection break instead of an answer. */
  loseAnswer(method: string, path: RegExp): void;
  /** How many answers have been lost. */
  lost(): number;
  stop(): Promise<void>;
}

export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const toLose: { method: string; path: RegExp }[] = [];
  let lost = 0;

  function isToBeLost({ method, url = '' }: IncomingMessage): boolean {
    const index = toLose.findIndex((one) => one.method === method && one.path.test(url));
    if (index >= 0) toLose.splice(index, 1);
    return index >= 0;
  }

  async function passOn(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method, headers, url } = req;
    const outgoing = request(new URL(url ?? '/', target), { method, headers });
    outgoing.end(await buffer(req));
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const body = await buffer(answer);
    if (isToBeLost(req)) {
      lost++;
      req.socket.destroy();
    } else res.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
  }

  const server = createServer((req, res) => void passOn(req, res).catch(() => req.socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer: (method, path) => void toLose.push({ method, path }),
    lost: () => lost,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

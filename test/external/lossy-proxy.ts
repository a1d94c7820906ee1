import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { CallFault } from '../connectors/conformance/suite';

/** Stands before a server and passes everything on, but for the requests that tests choose. */
export interface LossyProxy {
  url: string;
  /** The next request like this takes effect, and whoever made it sees its connection break instead of an answer. */
  loseAnswer(method: string, path: RegExp): void;
  /** The next requests like this are answered by the proxy itself, once or always. */
  answer(matches: Match, answer: ProxyAnswer, how?: 'once' | 'always'): void;
  /** How many answers have been lost. */
  lost(): number;
  stop(): Promise<void>;
}

export type Match = (method: string, path: string) => boolean;

export interface ProxyAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

interface Fault {
  matches: Match;
  answer: ProxyAnswer | 'lost';
  how: 'once' | 'always';
}

export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const faults: Fault[] = [];
  let lost = 0;

  function takeFault({ method = '', url = '' }: IncomingMessage): Fault | undefined {
    const fault = faults.find(({ matches }) => matches(method, url));
    if (fault?.how === 'once') faults.splice(faults.indexOf(fault), 1);
    return fault;
  }

  async function passOn(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method, headers, url } = req;
    const fault = takeFault(req);
    const sent = await buffer(req);
    if (fault && fault.answer !== 'lost') {
      res.writeHead(fault.answer.status, fault.answer.headers).end(fault.answer.body);
      return;
    }
    const outgoing = request(new URL(url ?? '/', target), { method, headers });
    outgoing.end(sent);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const body = await buffer(answer);
    if (fault) {
      lost++;
      req.socket.destroy();
    } else res.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
  }

  const server = createServer((req, res) => void passOn(req, res).catch(() => req.socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer(method, path) {
      const matches: Match = (its, url) => its === method && path.test(url);
      faults.push({ matches, answer: 'lost', how: 'once' });
    },
    answer: (matches, answer, how = 'once') => void faults.push({ matches, answer, how }),
    lost: () => lost,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Has the proxy do this to the next call of a conformance test: one that `isMain`, or a POST whose answer is lost. */
export function failNext(proxy: LossyProxy, fault: CallFault, isMain: Match, lost: RegExp): void {
  if (fault === 'lost-answer') proxy.loseAnswer('POST', lost);
  else if (fault === 'proxy-page') proxy.answer(isMain, { status: 404, body: '<h1>Not Found</h1>' });
  else {
    const headers = fault.retryAfterSeconds ? { 'Retry-After': `${fault.retryAfterSeconds}` } : undefined;
    proxy.answer(isMain, { status: fault.status, headers });
  }
}

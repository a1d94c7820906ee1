import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { infobip } from '../../../connectors/infobip';
import type { Platform } from '../../../connectors/platform';

/** One request as the fake saw it. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  /** The query as it was on the wire, to see how it is encoded. */
  search: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Route = (seen: Seen) => Answer;

/** An HTTP server that answers by `METHOD path`, each with what a test says, and remembers what it was asked. */
export class Fake {
  readonly seen: Seen[] = [];
  private readonly routes = new Map<string, Route>();
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<this> {
    // A busy machine takes longer than the default between two calls, and a connection that ends then is a failure.
    this.server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  reset(): void {
    this.routes.clear();
    this.seen.length = 0;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  on(what: string, route: Route | Answer): void {
    this.routes.set(what, typeof route === 'function' ? route : () => route);
  }

  /** What was asked by this method and path. */
  asked(what: string): Seen[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}` === what);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { pathname: path, searchParams: query, search } = new URL(request.url ?? '/', this.url);
    const text = Buffer.concat(chunks).toString('utf8');
    const seen: Seen = {
      method: request.method ?? '',
      path,
      query,
      search,
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
    };
    this.seen.push(seen);
    const route = this.routes.get(`${seen.method} ${path}`);
    const { status = 200, body, headers = {} } = route?.(seen) ?? notFound(path);
    const raw = Buffer.isBuffer(body) || typeof body === 'string';
    response.writeHead(status, raw ? headers : { 'content-type': 'application/json', ...headers });
    response.end(raw ? body : JSON.stringify(body ?? {}));
  }
}

export function refusal(status: number, messageId: string, text: string, validationErrors?: object): Answer {
  return { status, body: { requestError: { serviceException: { messageId, text, validationErrors } } } };
}

export function notFound(id: string, status = 400): Answer {
  return refusal(status, 'NOT_FOUND', `Invalid id '${id}' given! No such entity exists.`);
}

export const CLOSED = refusal(400, 'BAD_REQUEST', 'Closed conversation cannot be changed');

/** A listing that pages over its items by `limit` and `page`, after its filters. */
export function listing<T>(key: string, items: T[], filter: (item: T, seen: Seen) => boolean = () => true): Route {
  return (seen) => {
    const limit = Number(seen.query.get('limit') ?? 10);
    const page = Number(seen.query.get('page') ?? 0);
    const found = items.filter((item) => filter(item, seen));
    const orderBy = seen.query.get('orderBy') ?? 'id:asc';
    if (orderBy.endsWith(':desc')) found.reverse();
    const pagination = { totalItems: found.length, page, limit, orderBy };
    return { body: { [key]: found.slice(page * limit, (page + 1) * limit), pagination } };
  };
}

export function connectorTo(baseUrl: string, more: Record<string, unknown> = {}): Platform {
  const settings = infobip.settings.parse({
    kind: 'infobip',
    baseUrl,
    apiKey: 'key-of-the-test',
    webhook: { mode: 'subscription', secret: 'secret-of-the-test' },
    ...more,
  }) as { kind: string };
  return infobip.create(settings, { account: 'main', processes: 1 });
}

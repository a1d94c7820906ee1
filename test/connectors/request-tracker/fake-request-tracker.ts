import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestTracker } from '../../../connectors/request-tracker';
import type { ContactCenter } from '../../../connectors/contact-center';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
  authorization?: string;
}

/** Answers a call with a status and a body, `never` leaves it without one, and undefined is a 404. */
export type Answers = (asked: Asked) => { status?: number; body: unknown } | 'never' | undefined;

export interface Fake {
  contactCenter: ContactCenter;
  asked: Asked[];
  stop(): Promise<void>;
}

/** A connector and, behind it, a server that answers in the shapes recorded from Request Tracker 5.0.3. */
export async function startFake(answers: Answers, settings: Record<string, unknown> = {}): Promise<Fake> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
      const { method = '', headers } = request;
      const one = {
        method,
        path: pathname,
        query: searchParams,
        body: await bodyOf(request),
        authorization: headers.authorization,
      };
      asked.push(one);
      const answer = answers(one) ?? { status: 404, body: { message: 'Not Found' } };
      if (answer === 'never') return;
      const { status = 200, body } = answer;
      response.statusCode = status;
      response.setHeader('content-type', typeof body === 'string' ? 'text/plain' : 'application/json');
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own = { kind: 'request-tracker', baseUrl, username: 'handoff', password: 'very-secret', ...settings };
  const parsed = requestTracker.settings.parse(own);
  return {
    contactCenter: requestTracker.create(parsed as { kind: string }, { account: 'main', processes: 1 }),
    asked,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export const KEY = 'handoff:main:c-1#0123456789ab.1';

/** A page of a collection. */
export function page(items: object[]) {
  return { body: { items, count: items.length, page: 1, per_page: 100, total: null } };
}

/** As `GET /ticket/{id}` answers. */
export function ticket(id: string, more: Record<string, unknown> = {}) {
  return {
    id: Number(id),
    Status: 'open',
    Subject: 'Chat',
    Queue: { id: '1', type: 'queue' },
    Requestor: [{ id: 'c-1@handoff.invalid', type: 'user' }],
    CustomFields: [{ name: 'HandoffKey', values: [KEY], id: '2', type: 'customfield' }],
    ...more,
  };
}

/** As `GET /user/{name}` answers. */
export function user(Name: string, Privileged: 0 | 1, RealName = '') {
  return { Name, RealName, Privileged, EmailAddress: Name.includes('@') ? Name : `${Name}@agents.invalid` };
}

/** As `GET /transactions` answers each: numbers come as strings, what is empty as ''. */
export function transaction(id: number, Type: string, more: Record<string, unknown> = {}) {
  const Creator = { id: 'alice', type: 'user' };
  const base = { id: `${id}`, Type, ObjectId: '1', Created: '2026-11-21T12:50:14Z', OldValue: '', NewValue: '' };
  return { ...base, Creator, ...more };
}

/** As `/attachments` answers each part of a message. */
export function part(id: string, ContentType: string, more: Record<string, unknown> = {}) {
  return { id, type: 'attachment', ContentType, Filename: '', MessageId: '', ...more };
}

/** As `GET /attachment/{id}` answers: base64 in lines. */
export function attachment(content: string | Buffer) {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return {
    body: { Headers: 'Subject: "Content" : "x"', Content: lines.map((line) => `${line}\n`).join(''), Parent: '0' },
  };
}

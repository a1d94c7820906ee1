import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { VendorError } from '../shared/errors';
import { createHttp, withoutEffect } from '../shared/http';
import { readAnswer } from '../shared/parse';
import type { RateLimiter } from '../shared/rate-limit';
import type { OdooSettings } from './settings';

/** Odoo's JSON-2 API: each call is one method of one model, in one transaction. */
export interface Client {
  /** A call that changes something. */
  call<S extends z.ZodType>(operation: string, method: string, args: object, answer: S): Promise<z.output<S>>;
  /** A call that only reads, or changes nothing when it comes twice: it never fails as `ambiguous`. */
  read<S extends z.ZodType>(operation: string, method: string, args: object, answer: S): Promise<z.output<S>>;
  /** Records that a domain finds, by their numbers in ascending order unless `order` says otherwise. */
  search<S extends z.ZodType>(operation: string, model: string, search: Search, record: S): Promise<z.output<S>[]>;
  /** The number of the user that the API key belongs to. */
  ownUser(): Promise<number>;
}

export interface Search {
  domain: unknown[];
  fields: string[];
  order?: string;
  limit?: number;
}

const identity = z.object({ uid: z.int() });

/** @param limiter for all clients of the connection together. */
export function createClient({ baseUrl, apiKey, database, timeoutMs }: OdooSettings, limiter: RateLimiter): Client {
  const headers = { Authorization: `bearer ${apiKey}`, ...(database && { 'X-Odoo-Database': database }) };
  const http = createHttp({ vendor: 'Odoo', baseUrl, headers, timeoutMs, explain, rateLimit: limiter });
  const users = new LRUCache<'own', { uid: number }>({ max: 1, ttl: 10 * 60_000 });

  const client: Client = {
    async call(operation, method, args, answer) {
      const { data } = await http.request(operation, { method: 'POST', url: `/json/2/${method}`, data: args });
      return readAnswer('Odoo', operation, answer, data);
    },
    async read(operation, method, args, answer) {
      try {
        return await client.call(operation, method, args, answer);
      } catch (error) {
        throw error instanceof VendorError ? withoutEffect(error) : error;
      }
    },
    search: (operation, model, search, record) =>
      client.read(operation, `${model}/search_read`, { order: 'id asc', ...search }, z.array(record)),
    async ownUser() {
      const known = users.get('own') ?? (await client.read('reading our user', 'res.users/context_get', {}, identity));
      users.set('own', known);
      return known.uid;
    },
  };
  return client;
}

/** `debug` of such an answer is a stack trace, and stays unread. */
const refusal = z.object({ name: z.string(), message: z.string() });

/** Errors whose words are meant for people. Those of others may quote a record's values. */
const READABLE = /^odoo\.exceptions\.(AccessDenied|AccessError|MissingError|UserError)$/;

/** Statuses that mean the same whoever answers with them. */
const PLAIN_STATUSES = [401, 408, 413, 415, 429];

/** Odoo's own errors are JSON. A page of a proxy before it says nothing about a ticket. */
function explain(status: number, body: unknown) {
  const said = refusal.safeParse(body).data;
  if (!said) return status < 500 && !PLAIN_STATUSES.includes(status) ? { kind: 'unavailable' as const } : {};
  const text = READABLE.test(said.name) ? `${said.name}: ${said.message.split('\n', 1)[0]}` : said.name;
  // A model or a method that is not there: an addon is not installed.
  const isUnknownMethod = status === 404 && said.name !== 'odoo.exceptions.MissingError';
  return { text, ...(isUnknownMethod && { kind: 'rejected' as const }) };
}

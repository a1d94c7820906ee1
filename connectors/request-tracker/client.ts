import type { AxiosRequestConfig } from 'axios';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { VendorError } from '../shared/errors';
import { openFile } from '../shared/files';
import { createHttp, withoutEffect } from '../shared/http';
import type { RenderedMail } from '../shared/mail';
import { readAnswer } from '../shared/parse';
import type { RateLimiter } from '../shared/rate-limit';
import { submitMail } from './gateway';
import type { RequestTrackerSettings } from './settings';

type Query = Record<string, string | number>;

/**
 * Request Tracker's REST 2 API and its mail gateway. Paths are relative to `/REST/2.0`. What only reads has no effect,
 * so it never fails as `ambiguous`.
 */
export interface Client {
  get<S extends z.ZodType>(operation: string, path: string, answer: S, query?: Query): Promise<z.output<S>>;
  /** One page of a collection. */
  list<S extends z.ZodType>(operation: string, path: string, item: S, query: Query): Promise<z.output<S>[]>;
  /** All pages of a collection that matches conditions in JSON, which nothing in a value can break out of. */
  search<S extends z.ZodType>(
    operation: string,
    path: string,
    item: S,
    conditions: Condition[],
    query?: Query,
  ): Promise<z.output<S>[]>;
  /** The body of an answer as it arrives. */
  stream(operation: string, path: string): Promise<Readable>;
  send<S extends z.ZodType>(
    operation: string,
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    answer: S,
  ): Promise<z.output<S>>;
  /** Hands a mail (RFC 5322) to a ticket. Answers with what the gateway said: its status is 200 in any case. */
  submitMail(ticketId: string, mail: RenderedMail): Promise<string>;
}

export interface Condition {
  field: string;
  value: string;
  operator?: string;
  entry_aggregator?: 'AND' | 'OR';
}

/** 100 is the most the API gives. */
export const PAGE_SIZE = 100;

/** A page of any of the API's collections: nobody but Request Tracker answers in this shape. */
const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), count: z.number() });

/** @param limiter for all clients of the connection together. */
export function createClient(settings: RequestTrackerSettings, limiter: RateLimiter): Client {
  const { baseUrl, username, password, token, timeoutMs } = settings;
  const common = { vendor: 'Request Tracker', baseUrl, timeoutMs, explain, rateLimit: limiter };
  const http = createHttp({
    ...common,
    auth: password === undefined ? undefined : { username, password },
    headers: token === undefined ? undefined : { Authorization: `token ${token}` },
  });
  // The gateway takes no credentials: it believes the mail's sender.
  const gateway = createHttp(common);

  const ask = async <T>(operation: string, config: AxiosRequestConfig) =>
    (await http.request<T>(operation, { ...config, url: `/REST/2.0${config.url}` })).data;

  const read = <S extends z.ZodType>(operation: string, config: AxiosRequestConfig, answer: S) =>
    reading(async () => readAnswer('Request Tracker', operation, answer, await ask(operation, config)));

  return {
    get: (operation, url, answer, params) => read(operation, { method: 'GET', url, params }, answer),
    async list(operation, url, item, params) {
      return (await read(operation, { method: 'GET', url, params }, pageOf(item))).items;
    },
    async search(operation, url, item, data, query) {
      const found: z.output<typeof item>[] = [];
      for (let page = 1; ; page++) {
        const params = { orderby: 'id', ...query, per_page: PAGE_SIZE, page };
        const { items } = await read(operation, { method: 'POST', url, params, data }, pageOf(item));
        found.push(...items);
        if (items.length < PAGE_SIZE) return found;
      }
    },
    async stream(operation, url) {
      const config = { url: `/REST/2.0${url}`, maxContentLength: -1 };
      return (await openFile(http, operation, url, config)).stream;
    },
    async send(operation, method, url, data, answer) {
      return readAnswer('Request Tracker', operation, answer, await ask(operation, { method, url, data }));
    },
    submitMail: (ticket, mail) => submitMail(gateway, ticket, mail),
  };
}

/** Also where a search goes by POST, or an answer has an unknown shape. */
async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof VendorError ? withoutEffect(error) : error;
  }
}

const refusal = z.object({ message: z.string() });

/** Statuses that mean the same whoever answers with them. */
const PLAIN_STATUSES = [401, 408, 413, 415, 429];

/** Request Tracker's own errors are JSON. A page of a proxy before it says nothing about a ticket. */
function explain(status: number, body: unknown) {
  const text = refusal.safeParse(body).data?.message;
  const isForeign = text === undefined && status < 500 && !PLAIN_STATUSES.includes(status);
  return { text, ...(isForeign && { kind: 'unavailable' as const }) };
}

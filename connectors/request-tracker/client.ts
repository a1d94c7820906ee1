import type { AxiosRequestConfig } from 'axios';
import { z } from 'zod';
import { VendorError } from '../shared/errors';
import { createHttp } from '../shared/http';
import type { RequestTrackerSettings } from './settings';

type Query = Record<string, string | number>;

/** Request Tracker's REST 2 API and its mail gateway. Paths are relative to `/REST/2.0`. */
export interface Client {
  get<S extends z.ZodType>(operation: string, path: string, answer: S, query?: Query): Promise<z.output<S>>;
  /** Searches by conditions in JSON, which nothing in a value can break out of. */
  search<S extends z.ZodType>(
    operation: string,
    path: string,
    item: S,
    conditions: Condition[],
  ): Promise<z.output<S>[]>;
  send<S extends z.ZodType>(
    operation: string,
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    answer: S,
  ): Promise<z.output<S>>;
  /** Hands a mail (RFC 5322) to a ticket. Answers with what the gateway said: its status is 200 in any case. */
  submitMail(ticketId: string, mail: string): Promise<string>;
}

export interface Condition {
  field: string;
  value: string;
  operator?: string;
  entry_aggregator?: 'AND' | 'OR';
}

/** A page of any of the API's collections. */
export const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item) });

/** 100 is the most the API gives. */
export const PAGE_SIZE = 100;

export function createClient({ baseUrl, username, password, token, timeoutMs }: RequestTrackerSettings): Client {
  const common = { vendor: 'Request Tracker', baseUrl, timeoutMs, explain };
  const http = createHttp({
    ...common,
    auth: password === undefined ? undefined : { username, password },
    headers: token === undefined ? undefined : { Authorization: `token ${token}` },
  });
  // The gateway takes no credentials: it believes the mail's sender.
  const gateway = createHttp(common);

  async function ask<S extends z.ZodType>(operation: string, config: AxiosRequestConfig, answer: S) {
    const { data } = await http.request(operation, { ...config, url: `/REST/2.0${config.url}` });
    return understood(operation, answer, data);
  }

  return {
    get: (operation, url, answer, params) => ask(operation, { method: 'GET', url, params }, answer),
    async search(operation, url, item, data) {
      const params = { per_page: PAGE_SIZE };
      return (await ask(operation, { method: 'POST', url, params, data }, pageOf(item))).items;
    },
    send: (operation, method, url, data, answer) => ask(operation, { method, url, data }, answer),
    async submitMail(ticket, message) {
      const data = new FormData();
      for (const [name, value] of Object.entries({ action: 'correspond', ticket, message })) data.append(name, value);
      const config = { method: 'POST', url: '/REST/1.0/NoAuth/mail-gateway', data, responseType: 'text' } as const;
      return String((await gateway.request<string>('handing in a mail', config)).data).trim();
    },
  };
}

/** A success in a shape we do not know may or may not be one. */
function understood<S extends z.ZodType>(operation: string, answer: S, data: unknown): z.output<S> {
  const result = answer.safeParse(data);
  if (result.success) return result.data;
  const where = result.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ');
  throw new VendorError('ambiguous', `Request Tracker: ${operation} was answered in an unknown shape (${where})`);
}

const refusal = z.object({ message: z.string() });

function explain(_status: number, body: unknown) {
  return { text: refusal.safeParse(body).data?.message };
}

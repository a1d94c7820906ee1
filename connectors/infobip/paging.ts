import { z } from 'zod';
import type { Http } from '../shared/http';
import { readAnswer } from '../shared/parse';
import { ask, query, type QueryParameters } from './http';
import { MAX_PAGE } from './limits';

const count = z.coerce.number().int().min(0).optional().catch(undefined);
const pagination = z.object({ totalItems: count, limit: count }).catch({});

export interface Page<T> {
  items: T[];
  /** What stands on the page and cannot be read. */
  unreadable: unknown[];
  /** How many items a full page has. */
  size: number;
  /** How many there are on all pages, where the vendor says. */
  total?: number;
}

const answer = z.looseObject({ pagination });
const list = z.array(z.unknown());

/** One page of a listing; its items stand under `key`, the plural's name. One that cannot be read is set aside. */
export async function readPage<S extends z.ZodType>(
  http: Http,
  operation: string,
  listing: { url: string; key: string; item: S },
  parameters: QueryParameters,
): Promise<Page<z.output<S>>> {
  const limit = Number(parameters.limit ?? MAX_PAGE);
  const config = { url: listing.url, params: query({ ...parameters, limit }) };
  const found = await ask(http, operation, config, answer);
  const items = readAnswer('Infobip', operation, list, found[listing.key]);
  const { limit: size, totalItems } = found.pagination;
  const page: Page<z.output<S>> = { items: [], unreadable: [], size: size || limit, total: totalItems };
  for (const one of items) {
    const item = listing.item.safeParse(one);
    if (item.success) page.items.push(item.data);
    else page.unreadable.push(one);
  }
  return page;
}

/** Each item once, from page `first` (they count from 0) to the last: the one that is not full or brings nothing new. */
export async function readPages<T>(
  read: (page: number) => Promise<Page<T>>,
  idOf: (item: T) => string,
  first = 0,
): Promise<T[]> {
  const found = new Map<string, T>();
  const unread = new Set<string>();
  for (let page = first; ; page++) {
    const { items, unreadable, size } = await read(page);
    const before = found.size + unread.size;
    for (const item of items) found.set(idOf(item), item);
    for (const one of unreadable) unread.add(JSON.stringify(one));
    const full = items.length + unreadable.length >= size;
    if (!full || found.size + unread.size === before) return [...found.values()];
  }
}

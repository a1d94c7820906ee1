import { z } from 'zod';
import type { Http } from '../shared/http';
import { ask, query, type QueryParameters } from './http';

/** The most items Infobip puts on one page. */
export const MAX_PAGE = 999;

const pagination = z
  .object({ totalItems: z.number().optional().catch(undefined), limit: z.number().optional().catch(undefined) })
  .catch({});

export interface Page<T> {
  items: T[];
  /** How many items a full page has. */
  size: number;
  /** How many there are on all pages, where the vendor says. */
  total?: number;
}

/** One page of a listing; its items stand under `key`, the plural's name. */
export async function readPage<S extends z.ZodType>(
  http: Http,
  operation: string,
  listing: { url: string; key: string; item: S },
  parameters: QueryParameters,
): Promise<Page<z.output<S>>> {
  const limit = Number(parameters.limit ?? MAX_PAGE);
  const answer = z.object({ [listing.key]: z.array(listing.item), pagination });
  const config = { url: listing.url, params: query({ ...parameters, limit }) };
  const found = (await ask(http, operation, config, answer)) as Record<string, z.output<S>[]> & {
    pagination: z.output<typeof pagination>;
  };
  return {
    items: found[listing.key] ?? [],
    size: found.pagination.limit || limit,
    total: found.pagination.totalItems,
  };
}

/** Each item once, from page `first` (they count from 0) to the last: the one that is not full or brings nothing new. */
export async function readPages<T>(
  read: (page: number) => Promise<Page<T>>,
  idOf: (item: T) => string,
  first = 0,
): Promise<T[]> {
  const found = new Map<string, T>();
  for (let page = first; ; page++) {
    const { items, size } = await read(page);
    const before = found.size;
    for (const item of items) found.set(idOf(item), item);
    if (items.length < size || found.size === before) return [...found.values()];
  }
}

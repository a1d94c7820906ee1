import type { Request } from 'express';
import { badRequest } from './errors';

type Query = Request['query'];

/** By which properties a list can be ordered. */
export type SortKeys<T> = Record<string, (item: T) => string | number>;

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 999;
/** Ids are random, so this order says nothing about time. */
const DEFAULT_ORDER = 'id:asc';
/** `2024-01-01T00:00:00.000+0000`. A plus sign that was not encoded arrives as a space and is refused. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:?\d\d$/;

export function one(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest(`Parameter '${name}' has more than one value.`);
}

/** A list is written as a repeated parameter; a comma is part of a value. */
export function many(query: Query, name: string): string[] | undefined {
  const value = query[name];
  return value === undefined ? undefined : ([value].flat() as string[]);
}

export function oneOf<T extends string>(query: Query, name: string, allowed: readonly T[]): T | undefined {
  const value = one(query, name);
  const known = allowed.find((candidate) => candidate === value);
  if (value !== undefined && known === undefined) throw badRequest(`Parameter '${name}' has an unknown value.`);
  return known;
}

/** Whether a time lies strictly between `{name}After` and `{name}Before`. */
export function between(query: Query, name: string): (at: number | undefined) => boolean {
  const after = time(query, `${name}After`);
  const before = time(query, `${name}Before`);
  return (at) =>
    (after === undefined || (at !== undefined && at > after)) &&
    (before === undefined || (at !== undefined && at < before));
}

function time(query: Query, name: string): number | undefined {
  const value = one(query, name);
  if (value === undefined) return undefined;
  const at = TIME.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(at)) throw badRequest(`Parameter '${name}' is not of the form yyyy-MM-dd'T'HH:mm:ss.SSS+0000.`);
  return at;
}

/** One page of a list in Infobip's envelope: the items under their plural, and where this page stands. */
export function pageOf<T>(
  query: Query,
  plural: string,
  items: T[],
  sortKeys: SortKeys<T>,
  render: (item: T) => unknown,
): Record<string, unknown> {
  const limit = integer(query, 'limit', DEFAULT_LIMIT);
  const page = integer(query, 'page', 0);
  if (limit > MAX_LIMIT) throw badRequest(`Page size has to be less or equal to ${MAX_LIMIT}!`);
  const orderBy = one(query, 'orderBy') ?? DEFAULT_ORDER;
  const sorted = sort(items, orderBy, sortKeys);
  return {
    [plural]: sorted.slice(page * limit, (page + 1) * limit).map(render),
    pagination: { totalItems: items.length, page, limit, orderBy },
  };
}

function integer(query: Query, name: string, fallback: number): number {
  const value = one(query, name);
  if (value === undefined) return fallback;
  if (!/^-?\d+$/.test(value)) throw badRequest(`Parameter '${name}' is not a number.`);
  if (value.startsWith('-')) throw badRequest('Page size has to be bigger or equal to zero!');
  return Number(value);
}

function sort<T>(items: T[], orderBy: string, sortKeys: SortKeys<T>): T[] {
  const [property = '', direction = ''] = orderBy.split(':');
  const key = Object.hasOwn(sortKeys, property) ? sortKeys[property] : undefined;
  if (!key || !/^(asc|desc)$/i.test(direction)) throw badRequest(`Results cannot be ordered by '${orderBy}'.`);
  const ascending = [...items].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  });
  return direction.toLowerCase() === 'asc' ? ascending : ascending.reverse();
}

/** Paths of the contract as they follow the desk's base URL, encoded: they are signed as they are sent. */

export function casePath(caseId: string, what: string): string {
  return `/cases/${encodeURIComponent(caseId)}/${what}`;
}

/** A list becomes its name repeated: `ids=1&ids=2`. */
export function withQuery(path: string, query: Record<string, string | string[] | undefined>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
}

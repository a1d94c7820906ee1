import { page, part, ticket, user, type Answers, type transaction } from './fake-request-tracker';

type Transaction = ReturnType<typeof transaction>;

/** A server that has these transactions, as far as the query's conditions and the page's size go. */
export function having(transactions: () => Transaction[], more: Answers = () => undefined): Answers {
  return (asked) => {
    const { path, query, body } = asked;
    const own = more(asked);
    if (own) return own;
    if (path === '/REST/2.0/transactions') return page(matching(transactions(), query));
    if (path === '/REST/2.0/attachments') {
      const [{ value }] = JSON.parse(body) as [{ value: string }];
      return page([part(`9${value}`, 'text/plain')]);
    }
    if (/^\/REST\/2\.0\/ticket\/\d+$/.test(path)) return { body: ticket(path.split('/').at(-1)!) };
    if (path === '/REST/2.0/user/alice') return { body: user('alice', 1, 'Alice Agent') };
    if (path === '/REST/2.0/user/RT_System') return { body: user('RT_System', 0) };
    if (path.startsWith('/REST/2.0/user/c-1')) return { body: user('c-1@handoff.invalid', 0) };
    if (path.startsWith('/REST/2.0/attachment/')) return { body: { Content: 'SGk=\n' } };
    return undefined;
  };
}

function matching(transactions: Transaction[], query: URLSearchParams): Transaction[] {
  const where = query.get('query')!;
  const number = (pattern: RegExp) => pattern.exec(where)?.[1];
  const after = Number(number(/\bid > (\d+)/) ?? 0);
  const before = Number(number(/\bid < (\d+)/) ?? Infinity);
  const ids = [...where.matchAll(/\bid = (\d+)/g)].map(([, id]) => id);
  const of = number(/ObjectId = (\d+)/);
  const found = transactions.filter(
    ({ id, ObjectId }) =>
      Number(id) > after &&
      Number(id) < before &&
      (ids.length === 0 || ids.includes(id)) &&
      (of === undefined || ObjectId === of),
  );
  found.sort((a, b) => (query.get('order') === 'DESC' ? Number(b.id) - Number(a.id) : Number(a.id) - Number(b.id)));
  return found.slice(0, Number(query.get('per_page')));
}

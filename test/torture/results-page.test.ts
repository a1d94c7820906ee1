import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withResults, type TortureResult } from './results-page';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'reliability.md'), 'utf8');
const options = { seed: 7, conversations: 1_000, messages: 20, kills: 30, webhooks: true };
const run = { endedAt: '2026-11-26T08:00:00.000Z', seconds: 3_601, sent: 20_000, arrived: 19_990 };
const memory = { api: { before: 150, after: 152 }, worker: { before: 300, after: 301 } };
const results: TortureResult[] = [
  { ...run, options: { ...options, server: 'sqlite' }, violations: { lost: 0 }, memory },
  { ...run, options: { ...options, server: 'postgres', webhooks: false }, violations: { lost: 1, 'case-open': 2 } },
];

test('results stand between the markers of the page, and nothing else of it changes', () => {
  const page = withResults(PAGE, results);
  expect(page).toContain(
    '| SQLite | 1000 × 20 | 30 | 7 | on | 61 | 20000 | 19990 | 0 | 0 | 0 | 0 | 150 → 152 · 300 → 301 |',
  );
  expect(page).toContain(
    '| PostgreSQL | 1000 × 20 | 30 | 7 | off | 61 | 20000 | 19990 | 1 | 0 | 0 | case-open: 2 | – |',
  );
  expect(withResults(withResults(page, []), results)).toBe(page);
  const outside = (text: string) => text.replace(/<!-- torture results -->[^]*<!-- \/torture results -->/, '');
  expect(outside(page)).toBe(outside(PAGE));
});

test('a page without the markers is an error', () => {
  expect(() => withResults('# Reliability', results)).toThrow('torture results');
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { betweenMarkers } from '../support/between-markers';

/** One run's result, a line in a file of JSON lines. */
export interface TortureResult {
  /** ISO 8601. */
  endedAt: string;
  seconds: number;
  options: {
    conversations: number;
    messages: number;
    kills: number;
    seed: number;
    server: 'sqlite' | 'postgres';
    webhooks: boolean;
  };
  sent: number;
  arrived: number;
  /** How often the checker found each kind of violation; a kind that it did not find need not be there. */
  violations: Record<string, number>;
  /** Resident memory of all processes of a kind, in MiB, after the first minute and at the end; not in short runs. */
  memory?: Record<'api' | 'worker', { before: number; after: number }>;
}

/** These have columns of their own; all others are counted together. */
const NAMED = ['lost', 'doubled', 'out-of-order'];

const COLUMNS: Record<string, (result: TortureResult) => string | number> = {
  date: ({ endedAt }) => endedAt.slice(0, 10),
  'Temporal on': ({ options }) => ({ sqlite: 'SQLite', postgres: 'PostgreSQL' })[options.server],
  'conversations × messages': ({ options }) => `${options.conversations} × ${options.messages}`,
  kills: ({ options }) => options.kills,
  seed: ({ options }) => options.seed,
  webhooks: ({ options }) => (options.webhooks ? 'on' : 'off'),
  minutes: ({ seconds }) => Math.ceil(seconds / 60),
  sent: ({ sent }) => sent,
  arrived: ({ arrived }) => arrived,
  lost: ({ violations }) => violations.lost ?? 0,
  doubled: ({ violations }) => violations.doubled ?? 0,
  'out of order': ({ violations }) => violations['out-of-order'] ?? 0,
  'other violations': ({ violations }) => othersOf(violations),
  'memory of API · worker, MiB': ({ memory }) =>
    memory ? [memory.api, memory.worker].map(({ before, after }) => `${before} → ${after}`).join(' · ') : '–',
};

function othersOf(violations: Record<string, number>): string | number {
  const others = Object.entries(violations).filter(([kind, count]) => count > 0 && !NAMED.includes(kind));
  return others.length === 0 ? 0 : others.map(([kind, count]) => `${kind}: ${count}`).join(', ');
}

/** The page with a table of these results between its markers. */
export function withResults(page: string, results: TortureResult[]): string {
  const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const names = Object.keys(COLUMNS);
  const rows = results.map((result) => row(Object.values(COLUMNS).map((column) => column(result))));
  const table = [row(names), row(names.map(() => '---')), ...rows].join('\n');
  return betweenMarkers(page, 'torture results', table);
}

/** `node --import tsx test/torture/results-page.ts FILE…`: writes the results of these files into docs/reliability.md. */
function main(files: string[]): void {
  const page = join(__dirname, '..', '..', 'docs', 'reliability.md');
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean));
  const results = lines.map((line) => JSON.parse(line) as TortureResult);
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), results));
}

if (require.main === module) main(process.argv.slice(2));

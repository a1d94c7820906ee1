import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Turn } from './measure';
import type { Options } from './options';
import { spread, type Spread } from './statistics';

/** One round: each contender's turn, by its name. */
export type Round = Record<string, Turn>;

type Figures = Record<keyof Turn, Spread>;

const FIGURES: Record<keyof Turn, string> = {
  p50: 'p50',
  p95: 'p95',
  throughput: 'messages/s',
  steadyEvents: 'events/message',
  burstEvents: 'in a burst',
};
const KEYS = Object.keys(FIGURES) as (keyof Turn)[];

/** Each round's turn of a contender by the baseline's turn of the same round, so that what slows both cancels out. */
export function ratios(rounds: Round[], name: string, baseline: string): Figures {
  return figures((key) => rounds.map((round) => round[name]![key] / round[baseline]![key]));
}

function absolutes(rounds: Round[], name: string): Figures {
  return figures((key) => rounds.map((round) => round[name]![key]));
}

function figures(of: (key: keyof Turn) => number[]): Figures {
  return Object.fromEntries(KEYS.map((key) => [key, spread(of(key))])) as Figures;
}

/** The two tables for people. The first of the names is the baseline. */
export function tables(rounds: Round[], names: string[]): string {
  const [baseline = '', ...others] = names;
  const ratioRows = others.map((name) => row(name, ratios(rounds, name, baseline), 2));
  const absoluteRows = names.map((name) => row(name, absolutes(rounds, name), 1));
  return [
    `Ratios to the ${baseline}: the median of ${rounds.length} rounds (lowest–highest)`,
    ...aligned([header(), ...ratioRows]),
    '',
    'Figures of this machine at this hour, in ms, messages/s and events',
    ...aligned([header(), ...absoluteRows]),
  ].join('\n');
}

function header(): string[] {
  return ['', ...KEYS.map((key) => FIGURES[key])];
}

function row(name: string, of: Figures, digits: number): string[] {
  const text = ({ median, min, max }: Spread) =>
    `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
  return [name, ...KEYS.map((key) => text(of[key]))];
}

function aligned(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  return rows.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
}

interface Results {
  options: Options;
  rounds: Round[];
  /** The first is the baseline. */
  names: string[];
  /** Messages that came more than once. */
  doubled: number;
}

/** Writes everything as JSON into the folder and answers with the file's path. */
export function save(folder: string, { names, rounds, ...rest }: Results): string {
  const [baseline = '', ...others] = names;
  const endedAt = new Date().toISOString();
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, loadAverage: loadavg() };
  const ratiosToBaseline = Object.fromEntries(others.map((name) => [name, ratios(rounds, name, baseline)]));
  const file = join(folder, `relay-${endedAt.replaceAll(':', '-')}.json`);
  const report = { endedAt, machine, ...rest, baseline, ratios: ratiosToBaseline, rounds };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

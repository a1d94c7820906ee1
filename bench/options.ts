import { parseArgs } from 'node:util';

export interface Options {
  /** How often every contender has its turn. */
  rounds: number;
  /** Messages per second in the steady part of a turn. */
  rate: number;
  /** Messages of the steady part of a turn. */
  messages: number;
  /** Messages of the burst of a turn. */
  burst: number;
  /** Seconds for everything: no round begins that would not end within them. */
  limit: number;
}

const DEFAULTS: Options = { rounds: 4, rate: 10, messages: 40, burst: 150, limit: 175 };

export function readOptions(args: string[]): Options {
  return readNumbers(args, DEFAULTS);
}

const MAY_BE_PARTS = ['rate', 'limit'];

/** Throws an error in words where an argument is unknown or no positive number. */
export function readNumbers<T extends { [Name in keyof T]: number }>(args: string[], defaults: T): T {
  const known = Object.keys(defaults) as (keyof T & string)[];
  const options = Object.fromEntries(known.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args, options });
  const read = (name: keyof T & string): number => {
    const value = Number(values[name] ?? defaults[name]);
    const inParts = MAY_BE_PARTS.includes(name);
    if (value > 0 && (inParts ? Number.isFinite(value) : Number.isInteger(value))) return value;
    throw new Error(`--${name} is '${values[name]}', which is no ${inParts ? '' : 'whole '}number above 0.`);
  };
  return Object.fromEntries(known.map((name) => [name, read(name)])) as T;
}

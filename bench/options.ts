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

/** Throws an error in words where an argument is unknown or no positive number. */
export function readOptions(args: string[]): Options {
  const known = Object.keys(DEFAULTS) as (keyof Options)[];
  const options = Object.fromEntries(known.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args, options });
  const read = (name: keyof Options): number => {
    const value = Number(values[name] ?? DEFAULTS[name]);
    const inParts = name === 'rate' || name === 'limit';
    if (value > 0 && (inParts ? Number.isFinite(value) : Number.isInteger(value))) return value;
    throw new Error(`--${name} is '${values[name]}', which is no ${inParts ? '' : 'whole '}number above 0.`);
  };
  return Object.fromEntries(known.map((name) => [name, read(name)])) as unknown as Options;
}

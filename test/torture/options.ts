import { parseArgs } from 'node:util';

export interface TortureOptions {
  conversations: number;
  /** Numbered messages in each conversation, both directions together. */
  messages: number;
  /** How often a process is killed, paused or restarted. */
  kills: number;
  seed: number;
  /** Seconds over which the scripts are spread; what they leave to be done may take longer. */
  duration: number;
  /** Whether the vendors send any webhooks. */
  webhooks: boolean;
  server: 'sqlite' | 'postgres';
  /** Messages that are written while a case takes none, in the conversations that are about that. */
  backlog: number;
  /** A row of the table in mutations.ts. */
  mutate?: string;
  /** Gets a line of JSON for each run. */
  results?: string;
  /** After so many seconds in which nothing happens any more the run is stuck. */
  stall: number;
}

const USAGE = `Runs many conversations at once through the whole service while everything fails, and checks what arrived.

  npm run torture -- [--conversations N] [--messages N] [--kills N] [--seed N] [--duration SECONDS]
                     [--webhooks on|off] [--server sqlite|postgres] [--stall SECONDS] [--backlog N]
                     [--mutate NAME] [--results FILE]
  npm run torture -- --mutations

  --conversations  how many at once (30)
  --messages       numbered messages in each, both directions together (12)
  --kills          processes killed, paused or restarted, and other outages in proportion (6)
  --seed           the same seed gives the same plan (1)
  --duration       seconds over which the scripts are spread (by the number of messages)
  --webhooks       off: the vendors send none, everything has to be found by reading (on)
  --server         what Temporal runs on (sqlite)
  --stall          seconds without any progress after which the run is stuck (180)
  --backlog        messages that one conversation writes while its case takes none (60)
  --results        appends the result to this file, as a line of JSON
  --mutate         breaks one protection of the service first: the run has to fail
  --mutations      one run for each protection`;

/** What this machine gets through: with less time the scripts only queue up. */
const MESSAGES_PER_SECOND = 25;
const LEAST_DURATION = 30;

const names = [
  'conversations',
  'messages',
  'kills',
  'seed',
  'duration',
  'webhooks',
  'server',
  'stall',
  'backlog',
  'mutate',
  'results',
] as const;
type Values = Partial<Record<(typeof names)[number], string>>;

/** `mutations`: all of them, each with the options that it needs. Throws an error in words for a person. */
export function readOptions(args: string[]): TortureOptions | 'mutations' | 'help' {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const flags = { mutations: { type: 'boolean' as const }, help: { type: 'boolean' as const } };
  const { values } = parseArgs({ args, options: { ...options, ...flags } });
  if (values.help) return 'help';
  return values.mutations ? 'mutations' : withDefaults(values as Values);
}

function withDefaults(values: Values): TortureOptions {
  const conversations = wholeNumber('conversations', values.conversations ?? '30', 1);
  const messages = wholeNumber('messages', values.messages ?? '12', 4);
  return {
    conversations,
    messages,
    kills: wholeNumber('kills', values.kills ?? '6', 0),
    seed: wholeNumber('seed', values.seed ?? '1', 0),
    duration: wholeNumber('duration', values.duration ?? String(usualDuration(conversations, messages)), 1),
    webhooks: oneOf('webhooks', values.webhooks ?? 'on', ['on', 'off']) === 'on',
    server: oneOf('server', values.server ?? 'sqlite', ['sqlite', 'postgres']),
    stall: wholeNumber('stall', values.stall ?? '180', 10),
    backlog: wholeNumber('backlog', values.backlog ?? '60', 1),
    ...(values.results !== undefined && { results: values.results }),
    ...(values.mutate !== undefined && { mutate: values.mutate }),
  };
}

export function usualDuration(conversations: number, messages: number): number {
  return Math.max(LEAST_DURATION, Math.ceil((conversations * messages) / MESSAGES_PER_SECOND));
}

/** As the command without arguments. */
export function usualOptions(): TortureOptions {
  return withDefaults({});
}

export function usage(): string {
  return USAGE;
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} is '${text}', which is no whole number of at least ${least}.`);
}

function oneOf<T extends string>(name: string, text: string, allowed: T[]): T {
  const found = allowed.find((one) => one === text);
  if (found) return found;
  throw new Error(`--${name} is '${text}'; use ${allowed.join(' or ')}.`);
}

import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { expand, type SettingsIssue } from './expand';
import { explain } from './explain';
import { settingsSchema, type Settings } from './schema';
import { readYaml } from './yaml';

/** All mistakes of a settings file at once, each with its path in the file. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(
    readonly file: string,
    readonly issues: SettingsIssue[],
  ) {
    const lines = issues.map(({ path, message }) => `  ${path || '(the whole file)'}: ${message}`);
    super([`The settings in ${file} cannot be used:`, ...lines].join('\n'));
  }
}

const BEGIN = 'copy handoff.example.yaml and edit it';
const EMPTY = `is empty; ${BEGIN}`;

/** Reads `handoff.yaml`, or the file `HANDOFF_CONFIG` names. Throws {@link SettingsError}. */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const file = env.HANDOFF_CONFIG ?? 'handoff.yaml';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot be read (${(error as NodeJS.ErrnoException).code}); ${BEGIN}, or name another file in HANDOFF_CONFIG`;
    throw new SettingsError(file, [{ path: '', message }]);
  }
  return parseSettings(text, env, file);
}

/** @param file named in errors alone. Throws {@link SettingsError}. */
export function parseSettings(text: string, env: NodeJS.ProcessEnv, file = 'handoff.yaml'): Settings {
  const { content, issues } = readYaml(text);
  if (issues.length === 0 && (content === null || content === undefined)) issues.push({ path: '', message: EMPTY });
  if (issues.length > 0) throw new SettingsError(file, issues);
  const expanded = expand(content, env, '', issues);
  const result = settingsSchema.safeParse(expanded, { error: explain });
  if (!result.success) issues.push(...result.error.issues.flatMap(toIssues));
  if (issues.length > 0 || !result.success) throw new SettingsError(file, onePerPath(issues));
  return result.data;
}

/** One for each value: unknown settings come as one issue of what they are in, with a line for each. */
function toIssues(issue: z.core.$ZodIssue): SettingsIssue[] {
  const { path, message } = issue;
  if (issue.code !== 'unrecognized_keys') return [{ path: dotted(path), message }];
  const lines = message.split('\n');
  return issue.keys.map((key, i) => ({ path: dotted([...path, key]), message: lines[i] ?? message }));
}

/** `accounts.main.routing[0].to`. */
export function dotted(path: PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text ? `${text}.${String(key)}` : String(key);
  }, '');
}

/** One mistake per value: what could not be expanded says nothing about the schema, and a second rule adds nothing. */
function onePerPath(issues: SettingsIssue[]): SettingsIssue[] {
  return issues.filter((issue, i) => issues.findIndex(({ path }) => path === issue.path) === i);
}

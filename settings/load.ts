import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { expand, type SettingsIssue } from './expand';
import { settingsSchema, type Settings } from './schema';

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

/** Reads `handoff.yaml`, or the file `HANDOFF_CONFIG` names. Throws {@link SettingsError}. */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const file = env.HANDOFF_CONFIG ?? 'handoff.yaml';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot be read (${(error as NodeJS.ErrnoException).code}); copy handoff.example.yaml to start from, or name another file in HANDOFF_CONFIG`;
    throw new SettingsError(file, [{ path: '', message }]);
  }
  return parseSettings(text, env, file);
}

/** @param file named in errors alone. Throws {@link SettingsError}. */
export function parseSettings(text: string, env: NodeJS.ProcessEnv, file = 'handoff.yaml'): Settings {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new SettingsError(
      file,
      document.errors.map((error) => ({ path: '', message: error.message.split('\n')[0] ?? error.code })),
    );
  }
  const issues: SettingsIssue[] = [];
  const expanded = expand(document.toJS(), env, '', issues);
  const result = settingsSchema.safeParse(expanded);
  if (!result.success) issues.push(...result.error.issues.map(toIssue));
  if (issues.length > 0 || !result.success) throw new SettingsError(file, onePerPath(issues));
  return result.data;
}

function toIssue({ path, message }: z.core.$ZodIssue): SettingsIssue {
  return { path: dotted(path), message };
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

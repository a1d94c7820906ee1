import { readFileSync } from 'node:fs';

/** A settings mistake: where in the file, and what is wrong. */
export interface SettingsIssue {
  path: string;
  message: string;
}

const PLACEHOLDER = /\$\{(file:)?([^}]+)\}/g;
const UNFINISHED = /\$\{/;

/**
 * Replaces `${NAME}` by the environment and `${file:PATH}` by a file's content (without its last line end), in every
 * string of a parsed settings file. What cannot be replaced is an issue each, not an exception.
 */
export function expand(value: unknown, env: NodeJS.ProcessEnv, path: string, issues: SettingsIssue[]): unknown {
  if (typeof value === 'string') return expandString(value, env, path, issues);
  if (Array.isArray(value)) return value.map((item, i) => expand(item, env, `${path}[${i}]`, issues));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expand(item, env, path ? `${path}.${key}` : key, issues)]),
  );
}

function expandString(text: string, env: NodeJS.ProcessEnv, path: string, issues: SettingsIssue[]): string {
  if (UNFINISHED.test(text.replaceAll(PLACEHOLDER, ''))) {
    issues.push({ path, message: 'unfinished placeholder; write ${NAME} or ${file:PATH}' });
  }
  return text.replace(PLACEHOLDER, (whole, isFile: string | undefined, name: string) => {
    const found = isFile ? readSecretFile(name) : env[name];
    if (found !== undefined && found !== '') return found;
    const what = isFile
      ? `file ${name} cannot be read or is empty; check its path and permissions`
      : `environment variable ${name} is not set; set it before the start`;
    issues.push({ path, message: what });
    return whole;
  });
}

function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

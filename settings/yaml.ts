import { isAlias, parseDocument, visit, type Document, type YAMLError } from 'yaml';
import type { SettingsIssue } from './expand';

/**
 * What to do about each kind of YAML error. The library's own messages are not used: they repeat what stands in the
 * file, which may be a secret.
 */
const ADVICE: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'a value cannot begin with & or *; put it in quotes',
  BAD_DQ_ESCAPE: 'invalid escape in double quotes; write \\\\ for \\, or use single quotes',
  BAD_INDENT: 'wrong indentation; begin all settings of a group in the same column',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: "a second ': ' in one line; put the value in quotes, or the setting in a line of its own",
  BLOCK_IN_FLOW: 'settings within { } or [ ] are separated by commas; write them as { name: value, name: value }',
  DUPLICATE_KEY: 'this setting is in its group twice; remove one of them',
  MISSING_CHAR: "a quote, bracket, comma or ': ' is missing here, or shortly before; add it",
  MULTIPLE_DOCS: "a second document begins here; remove the line '---'",
  MULTILINE_IMPLICIT_KEY: "the name of a setting without ':'; write name: value",
  NON_STRING_KEY: 'the name of a setting has to be a text; put values with { or [ in quotes',
  TAB_AS_INDENT: 'a tab in the indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a value cannot begin with !; put it in quotes',
  UNEXPECTED_TOKEN: 'unexpected text; check quotes, brackets and indentation here and in the line before',
};
const NOT_YAML = 'is not valid YAML; check quotes, brackets and indentation here and in the line before';
const UNQUOTED_PLACEHOLDER = "within { } or [ ] a placeholder needs quotes; write '${NAME}'";

/** The content of a settings file. What keeps it from being read are issues, each with line and column as its path. */
export function readYaml(text: string): { content: unknown; issues: SettingsIssue[] } {
  const document = parseDocument(text, { stringKeys: true });
  const problems = [...document.errors, ...document.warnings];
  const issues = problems
    .filter(isOwnMistake)
    .map((problem) => ({ path: placeOf(problem), message: adviceOn(problem, text) }));
  if (issues.length === 0) issues.push(...unresolvedAliases(document, text));
  if (issues.length > 0) return { content: undefined, issues };
  return { content: document.toJS() as unknown, issues };
}

/** After the first error the parser has lost its way: all it says then, but for doubled names, follows from that. */
function isOwnMistake({ code }: YAMLError, index: number): boolean {
  return index === 0 || code === 'DUPLICATE_KEY';
}

function placeOf({ linePos: [start] = [{ line: 1, col: 1 }] }: YAMLError): string {
  return `line ${start.line}, column ${start.col}`;
}

function adviceOn({ code, pos: [start] }: YAMLError, text: string): string {
  if (code === 'UNEXPECTED_TOKEN' && text.startsWith('${', start - 1)) return UNQUOTED_PLACEHOLDER;
  return ADVICE[code] ?? NOT_YAML;
}

function unresolvedAliases(document: Document, text: string): SettingsIssue[] {
  const issues: SettingsIssue[] = [];
  visit(document, {
    Alias(_, alias) {
      if (!isAlias(alias) || alias.resolve(document)) return;
      const before = text.slice(0, alias.range?.[0] ?? 0).split('\n');
      const path = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
      issues.push({ path, message: 'a value cannot begin with *; put it in quotes' });
    },
  });
  return issues;
}

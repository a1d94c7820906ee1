import type { z } from 'zod';

type RawIssue = z.core.$ZodRawIssue;
type TooSmall = z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>;

/**
 * Says what is wrong with a value and what to write instead, for each kind of issue that the settings' schemas can
 * produce without a message of their own. It never repeats a value, which may be a secret.
 */
export const explain = (issue: RawIssue): string | undefined => {
  switch (issue.code) {
    case 'invalid_type':
      return `${found(issue.input, issue.expected)}; ${wanted(issue)}`;
    case 'invalid_value':
      return `${issue.input === undefined ? 'is missing' : 'unknown value'}; write ${choice(issue.values)}`;
    case 'invalid_union':
      return `${isMissing(issue) ? 'is missing' : 'unknown kind'}; write ${choice(optionsOf(issue))}`;
    case 'invalid_format':
      return invalidFormat(issue);
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return `too large; use at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownSetting(key, settingsOf(issue.inst))).join('\n');
    default:
      return undefined;
  }
};

/** What the file has in place of what is wanted. YAML reads `yes` as a text and `12` as a number. */
function found(input: unknown, expected: string): string {
  if (input === undefined) return 'is missing';
  if (input === null) return 'is empty';
  if (Array.isArray(input)) return 'is a list';
  if (typeof input === 'object') return 'is a group of settings';
  if (typeof input === 'string') return 'is a text';
  if (typeof input === 'number') return expected === 'int' ? 'is not a whole number' : 'is a number';
  return `is ${input ? 'true' : 'false'}`;
}

const WANTED: Record<string, string> = {
  string: 'write a text',
  number: 'write a number',
  int: 'write a whole number',
  boolean: 'write true or false',
  array: 'write a list, such as [a, b]',
  object: 'write its settings, each as name: value',
  record: 'write its entries, each as name: value',
};
const URL_WANTED = 'write a URL such as https://example.com';

function wanted({ input, expected, inst }: RawIssue & { expected: string }): string {
  if (isUrl(inst)) return URL_WANTED;
  const isPlain = typeof input === 'number' || typeof input === 'boolean';
  if (expected === 'string' && isPlain) return 'put it in quotes to make it a text';
  return WANTED[expected] ?? `write a value of type ${expected}`;
}

const isUrl = (inst: RawIssue['inst']) => (inst as { format?: unknown } | undefined)?.format === 'url';

function isMissing({ input, discriminator }: RawIssue): boolean {
  return (input as Record<string, unknown>)[String(discriminator)] === undefined;
}

/** The kinds among which a discriminated union chooses. */
const optionsOf = ({ options }: RawIssue): readonly unknown[] => (Array.isArray(options) ? options : []);

function choice(values: readonly unknown[]): string {
  const words = values.map(String);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function invalidFormat({ format, input }: RawIssue & { format: string }): string {
  if (format !== 'url') return 'invalid text';
  const isBare = typeof input === 'string' && !input.includes('://') && URL.canParse(`https://${input}`);
  return isBare ? 'invalid URL; begin it with https://' : `invalid URL; ${URL_WANTED}`;
}

function tooSmall({ origin, minimum, inclusive }: TooSmall): string {
  if (origin === 'string')
    return Number(minimum) > 1 ? `too short; use at least ${minimum} characters` : 'is empty; write a text';
  if (origin === 'array') return 'is an empty list; write at least one entry';
  return `too small; use ${inclusive ? 'at least' : 'more than'} ${minimum}`;
}

/** The settings that stand beside an unknown one. */
function settingsOf(inst: RawIssue['inst']): string[] {
  const { shape, keyType } = (inst as unknown as z.core.$ZodType)._zod.def as {
    shape?: object;
    keyType?: z.core.$ZodType;
  };
  return shape ? Object.keys(shape) : [...(keyType?._zod.values ?? [])].map(String);
}

function unknownSetting(key: string, known: string[]): string {
  const near = known.find((one) => isTypingErrorOf(key, one));
  return `unknown setting; ${near ? `did you mean ${near}?` : `write ${choice(known)}`}`;
}

/** Whether the two differ by no more than case, or one or two letters that are wrong, missing or too many. */
function isTypingErrorOf(written: string, meant: string): boolean {
  const [a, b] = [written.toLowerCase(), meant.toLowerCase()];
  return distance(a, b) <= (b.length < 6 ? 1 : 2);
}

/** The Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (b[j] === letter ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

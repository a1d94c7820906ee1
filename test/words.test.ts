import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** Coinages and words with two meanings, each with the word to write instead: see docs/glossary.md. */
const WORDS: [wrong: RegExp, right: string][] = [
  [/\bfates?\b/i, 'delivery status'],
  [/\bverdicts?\b/i, 'handoff status, state'],
  [/\bledgers?\b/i, 'message log'],
  [/\bdeaf\b/i, 'the bot is paused'],
  [/\bstand-?ins?\b/i, 'simulator, fake server'],
  [/\blayers?\b/i, 'Durable Handoff, the service'],
  [/\bcouriers?\b/i, 'event forwarder'],
  [/\b(a|an|each|every|first|last|next|one|the|two)[ -](look|shift)s?\b/i, 'poll, poll session'],
  [/\blook =/, 'poll'],
  [/\bpatiently\b/i, 'with backoff'],
  [/\bno length of time\b/i, 'invalid duration'],
  [/\bdo(es)? not hold\b/i, 'is invalid'],
  [/\btook the closing\b/i, 'accepted the close request'],
  [/\btold\b/i, 'reported, notified'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bfor ever\b/i, 'forever'],
  [/\bg(ave|ive[ns]?|iving) up\b/i, 'undeliverable, stops trying'],
  [/\bundelivered\b/i, 'undeliverable'],
  [/\b(a|difficult|its|new|no|the|their|your)[ -]customers?\b|\bcustomers\b/i, 'end user; an account is a tenant'],
  [/\blanes?\b/i, 'track'],
];

/** Where such a word is right: other people's terms, and names that are part of the API. */
const ALLOWED: RegExp[] = [
  /translation layer/gi, // Infobip's term for what Durable Handoff is
  /\.undelivered\b|\bundelivered(?=[:?,=]| \}| &&)|[`"]undelivered[`"]|HandoffUndelivered|\|Undelivered\)/g, // the count, by its name in the API
];

/** Text that people wrote in this repository; recordings, images and the list of packages are not. */
function writtenFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  return listed
    .toString()
    .split('\n')
    .filter((file) => /\.(ts|mjs|js|html|css|md|ya?ml|json|sh|pl)$|^Dockerfile$|^\.ci\/run$/.test(file))
    .filter(
      (file) => !/^(package-lock\.json|test\/replay\/histories\/|test\/words\.test\.ts|docs\/glossary\.md)/.test(file),
    );
}

/** The file's text; none of one that is deleted and still in the index. */
function textOf(file: string): string {
  try {
    return readFileSync(join(ROOT, file), 'utf8');
  } catch {
    return '';
  }
}

const LINES = writtenFiles().flatMap((file) =>
  textOf(file)
    .split('\n')
    .map((line, i) => ({
      where: `${file}:${i + 1}`,
      line: ALLOWED.reduce((text, allowed) => text.replace(allowed, ''), line),
    })),
);

test.each(WORDS)('nobody writes %s, which is called: %s', (wrong) => {
  const found = LINES.filter(({ line }) => wrong.test(line)).map(({ where, line }) => `${where} ${line.trim()}`);
  expect(found).toEqual([]);
});

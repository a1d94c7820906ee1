import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { betweenMarkers } from '../../support/between-markers';

/** What a connector's conformance is tested against. */
export type Against = 'the real product' | 'the simulator';

/** The name of the group of tests, by which its results are found. */
export function conformanceTitle(name: string, against: Against): string {
  return `the contact center ${name}, against ${against}`;
}

const TITLE = /^the contact center (.+), against (the real product|the simulator)$/;
/** Of a requirement; what stands in parentheses at the end of a skipped one is the reason. */
const REQUIREMENT = /^(\d+)\. (.+)$/;

/** What is read here of Jest's result as JSON. */
export interface JestResult {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
}

interface Tested {
  connector: string;
  against: Against;
  number: number;
  promise: string;
  status: string;
}

function testedIn({ testResults }: JestResult): Tested[] {
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ ancestorTitles, title, status }) => {
      const group = ancestorTitles.map((one) => TITLE.exec(one)).find((found) => found !== null);
      const requirement = REQUIREMENT.exec(title);
      if (!group || !requirement) return [];
      const [connector, against] = [group[1]!, group[2] as Against];
      return [{ connector, against, number: Number(requirement[1]), promise: requirement[2]!, status }];
    }),
  );
}

/** The page with the table connector × requirement of these results between its markers. */
export function withConformance(page: string, result: JestResult): string {
  return betweenMarkers(page, 'conformance results', tableOf(testedIn(result)));
}

function tableOf(tested: Tested[]): string {
  const connectors = [...new Set(tested.map(({ connector }) => connector))].sort();
  const numbers = [...new Set(tested.map(({ number }) => number))].sort((a, b) => a - b);
  const notes: string[] = [];
  const rows = numbers.map((number) => {
    const own = tested.filter((one) => one.number === number);
    // A skipped one ends with its reason.
    const promise = own.reduce(
      (shortest, one) => (one.promise.length < shortest.length ? one.promise : shortest),
      own[0]!.promise,
    );
    const cells = connectors.map((connector) => {
      const found = own.find((one) => one.connector === connector);
      if (!found) return 'not tested';
      if (found.status === 'passed') return found.against === 'the real product' ? 'real' : 'simulator';
      if (found.status === 'failed') return '**fails**';
      notes.push(`${connector}, ${number}: ${reasonOf(found, promise)}.`);
      return `no (${notes.length})`;
    });
    return row([`${number}`, promise, ...cells]);
  });
  const header = [row(['', 'requirement', ...connectors]), row(['--:', ...['', ...connectors].map(() => '---')])];
  return [...header, ...rows, '', ...notes.map((note, i) => `${i + 1}. ${note}`)].join('\n').trimEnd();
}

function reasonOf({ promise }: Tested, plain: string): string {
  return (
    promise
      .slice(plain.length)
      .trim()
      .replace(/^\((.*)\)$/, '$1') || 'skipped'
  );
}

function row(cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'connectors.md');

/**
 * `node --import tsx test/connectors/conformance/page.ts [--check] FILE`: writes the results of `jest --json` in FILE
 * into docs/connectors.md; with `--check` fails where that page says something else.
 */
async function main(args: string[]): Promise<void> {
  const file = args.find((arg) => !arg.startsWith('--'));
  if (file === undefined) throw new Error('Name the file with the result of jest --json.');
  const result = JSON.parse(readFileSync(file, 'utf8')) as JestResult;
  const before = readFileSync(PAGE, 'utf8');
  // Not at the top: the tests import this file, and Jest cannot load Prettier.
  const { format } = await import('prettier');
  const page = await format(withConformance(before, result), { parser: 'markdown', printWidth: 160 });
  if (!args.includes('--check')) writeFileSync(PAGE, page);
  else if (page !== before) {
    console.error(
      'docs/connectors.md does not say what the conformance tests found. Write it again: npm run conformance',
    );
    process.exitCode = 1;
  }
}

if (require.main === module) void main(process.argv.slice(2));

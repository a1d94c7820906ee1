import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { casesRequirements } from './cases';
import { errorRequirements } from './errors';
import { feedRequirements } from './feed';
import { messageRequirements } from './messages';
import { conformanceTitle, withConformance, type JestResult } from './page';
import type { Suite } from './suite';

const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'connectors.md'), 'utf8');
const REAL = conformanceTitle('One', 'the real product');
const SIMULATED = conformanceTitle('Two', 'the simulator');

function resultOf(...tests: [group: string, title: string, status: string][]): JestResult {
  const assertionResults = tests.map(([group, title, status]) => ({
    ancestorTitles: ['on a proxy', group],
    title,
    status,
  }));
  return {
    testResults: [
      { assertionResults },
      { assertionResults: [{ ancestorTitles: [], title: '1. other', status: 'passed' }] },
    ],
  };
}

test('the page says of each requirement against what it passed', () => {
  const page = withConformance(
    PAGE,
    resultOf([REAL, '10. later', 'passed'], [REAL, '2. sooner', 'failed'], [SIMULATED, '2. sooner', 'passed']),
  );
  expect(page).toContain('|  | requirement | One | Two |\n| --: | --- | --- | --- |\n');
  expect(page).toContain('| 2 | sooner | **fails** | simulator |\n| 10 | later | real | not tested |\n');
  const outside = (text: string) => text.replace(/<!-- conformance results -->[^]*<!-- \/conformance results -->/, '');
  expect(outside(page)).toBe(outside(PAGE));
});

test('the page says why a vendor cannot keep a requirement', () => {
  const page = withConformance(
    PAGE,
    resultOf(
      [REAL, '4. one (at most) case (it has no unique field)', 'pending'],
      [SIMULATED, '4. one (at most) case', 'passed'],
    ),
  );
  expect(page).toContain('| 4 | one (at most) case | no (1) | simulator |\n\n1. One, 4: it has no unique field.\n');
});

test('a page without the markers is an error', () => {
  expect(() => withConformance('# Connectors', resultOf())).toThrow('conformance results');
});

test('the page has every requirement of the suite', () => {
  const declared: string[] = [];
  const suite: Suite = {
    underTest: () => {
      throw new Error('nothing is run here');
    },
    requirement: (number, promise) => declared.push(`${number}: ${promise}`),
  };
  for (const part of [casesRequirements, messageRequirements, feedRequirements, errorRequirements]) part(suite);
  const rows = [...PAGE.matchAll(/^\| +(\d+) \| (.*?) +\|/gm)].map(([, number, promise]) => `${number}: ${promise}`);
  expect(rows).toEqual(declared);
});

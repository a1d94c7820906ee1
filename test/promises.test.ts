import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/reliability.md states the promises by number, and the tests that hold them carry the numbers in their names. */

const PAGE = readFileSync(join(__dirname, '..', 'docs', 'reliability.md'), 'utf8');
const STATED = [...PAGE.matchAll(/^\| \*\*P(\d+)\*\* *\|/gm)].map(([, number]) => Number(number));

/** `P7: what is promised`, or `P7, P12: …`, at the beginning of a test's or a group's name. */
const NAMED = /[(,]\s*['"`]((?:P\d+, )*P\d+): /g;

function numbersIn(file: string): { number: number; file: string }[] {
  const text = readFileSync(join(__dirname, file), 'utf8');
  const names = [...text.matchAll(NAMED)].map(([, numbers]) => numbers!.split(', '));
  return names.flat().map((one) => ({ number: Number(one.slice(1)), file }));
}

const TESTED = (readdirSync(__dirname, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.test.ts') && file !== 'promises.test.ts')
  .flatMap(numbersIn);

test('promises are numbered from 1 on, without a gap and each once', () => {
  expect([...STATED].sort((a, b) => a - b)).toEqual(STATED.map((_, i) => i + 1));
  expect(STATED.length).toBeGreaterThan(20);
});

test('each promise has a test that carries its number', () => {
  const tested = new Set(TESTED.map(({ number }) => number));
  expect(STATED.filter((number) => !tested.has(number)).map((number) => `P${number}`)).toEqual([]);
});

test('each number that a test carries is that of a promise', () => {
  const unknown = TESTED.filter(({ number }) => !STATED.includes(number));
  expect(unknown.map(({ number, file }) => `P${number} in ${file}`)).toEqual([]);
});

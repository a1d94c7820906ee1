import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/processes';
import { mutated, MUTATIONS } from './mutations';

/** The protections that a run breaks on purpose are where the table says. */
test.each(MUTATIONS)('$name: what it takes out stands in $file once', (mutation) => {
  const source = readFileSync(join(ROOT, mutation.file), 'utf8');
  expect(mutated(source, mutation)).not.toBe(source);
});

test('one that does not fit any more is an error', () => {
  expect(() => mutated('', MUTATIONS[0]!)).toThrow(/does not stand once/);
});

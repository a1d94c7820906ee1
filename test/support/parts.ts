/**
 * A group of tests that needs a part which not every machine has. Where the part is missing the group is skipped, with
 * the reason in its name; with CI=true it fails instead, so that nothing passes by not being run.
 */
export function describeWith(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) describe(name, tests);
  else if (process.env.CI === 'true') {
    describe(name, () => {
      test('the parts it needs are installed', () => {
        throw new Error(missing);
      });
    });
  } else describe.skip(`${name} (skipped: ${missing})`, tests);
}

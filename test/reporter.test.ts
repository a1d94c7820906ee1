import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..');

/** What the reporter prints; in a process of its own, since Jest does not import ES modules here. */
function closing({ results, config = {}, logs = '' }: { results: object; config?: object; logs?: string }): string {
  const script = `
    import Reporter from './jest-reporter.mjs';
    const [config, results] = JSON.parse(process.argv[1]);
    new Reporter(config).onRunComplete(new Set(), results);
  `;
  const input = [
    { rootDir: '/repo', ...config },
    { numFailedTests: 0, numRuntimeErrorTestSuites: 0, testResults: [], ...results },
  ];
  const args = ['--input-type=module', '-e', script, JSON.stringify(input)];
  const { stderr, status } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, TEST_LOGS: logs },
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  return stderr;
}

const file = (name: string, tests: Record<string, string>) => ({
  testFilePath: `/repo/test/${name}`,
  testResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
});
const withSkipped = {
  testResults: [
    file('a.test.ts', { 'page (skipped: no Chromium) opens': 'pending', runs: 'passed' }),
    file('b.test.ts', { runs: 'passed' }),
  ],
};

test('skipped tests are listed by file', () => {
  expect(closing({ results: withSkipped })).toBe(
    '\nSkipped:\n  test/a.test.ts\n    page (skipped: no Chromium) opens\n',
  );
});

test('nothing is listed where tests were chosen by name', () => {
  expect(closing({ results: withSkipped, config: { testNamePattern: 'runs' } })).toBe('');
});

test('the logs are named after a failure alone', () => {
  const logs = '/tmp/logs-of-a-run';
  expect(closing({ results: { numFailedTests: 1 }, logs })).toContain(logs);
  expect(closing({ results: { numRuntimeErrorTestSuites: 1 }, logs })).toContain(logs);
  expect(closing({ results: {}, logs })).toBe('');
});

/**
 * Ends the output with what Jest's own summary lacks: the names of the tests that were skipped, and where the logs of
 * a failed run are. Plain JavaScript, since Jest loads reporters without its transform.
 */
export default class ClosingReporter {
  /** @param {import('@jest/reporters').Config.GlobalConfig} globalConfig */
  constructor({ rootDir, testNamePattern }) {
    this.rootDir = rootDir;
    // Whoever runs some tests by name knows that the others are skipped.
    this.listsSkipped = !testNamePattern;
  }

  /**
   * @param {ReadonlySet<import('@jest/reporters').TestContext>} _contexts
   * @param {import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    const lines = this.listsSkipped ? skippedTests(results, this.rootDir) : [];
    const failed = results.numFailedTests > 0 || results.numRuntimeErrorTestSuites > 0;
    if (failed && process.env.TEST_LOGS) {
      // Read by the global teardown, which removes the logs otherwise.
      process.env.TEST_LOGS_KEPT = 'true';
      lines.push('', `Logs of the Temporal server and of each test file: ${process.env.TEST_LOGS}`);
    }
    if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
  }
}

/**
 * @param {import('@jest/reporters').AggregatedResult} results
 * @param {string} rootDir
 */
function skippedTests({ testResults }, rootDir) {
  const files = testResults.map(({ testFilePath, testResults: tests }) => ({
    file: testFilePath.replace(`${rootDir}/`, ''),
    names: tests.filter(({ status }) => status === 'pending' || status === 'todo').map(({ fullName }) => fullName),
  }));
  const skipped = files.filter(({ names }) => names.length > 0);
  if (skipped.length === 0) return [];
  return [
    '',
    'Skipped:',
    ...skipped.flatMap(({ file, names }) => [`  ${file}`, ...names.map((name) => `    ${name}`)]),
  ];
}

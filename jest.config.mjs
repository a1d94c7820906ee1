import { availableParallelism } from 'node:os';

/**
 * Three kinds of tests: `unit` needs nothing, `temporal` a real Temporal server, `external` real products and a real
 * browser as well. The folders of `test/` mirror the source.
 */
/** Published as ES modules only; gaxios, of google-auth-library, imports the rest of its line at run time. */
const esModules = [
  ...['jose', 'intl-messageformat', '@formatjs', 'lru-cache', 'p-queue', 'p-timeout'],
  ...['gaxios', 'node-fetch', 'fetch-blob', 'formdata-polyfill', 'data-uri-to-buffer'],
];
const common = {
  testEnvironment: 'node',
  transform: { '\\.[jt]sx?$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
};
const servers = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/hook-timeout.ts'],
};
const temporal = ['/test/workflows/timers', '/test/replay/', '/test/end-to-end/'];

export default {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/test/external/', ...temporal],
    },
    {
      ...common,
      ...servers,
      displayName: 'temporal',
      testMatch: ['<rootDir>/test/{replay,end-to-end}/**/*.test.ts', '<rootDir>/test/workflows/timers.test.ts'],
    },
    { ...common, ...servers, displayName: 'external', testMatch: ['<rootDir>/test/external/**/*.test.ts'] },
  ],
  reporters: ['default', '<rootDir>/jest-reporter.mjs'],
  // Costs time only where something is broken; less fails on a busy machine.
  testTimeout: 120_000,
  // Tests with a server mostly wait: one worker, Jest's choice on two cores, would take twice as long.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // A worker that has grown this large is replaced after its file.
  workerIdleMemoryLimit: '1GB',
};

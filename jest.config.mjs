/** Three kinds of tests: `unit` needs nothing, `server` a real Temporal server, `parts` other real parts as well. */
const common = {
  testEnvironment: 'node',
  transform: { '\\.[jt]sx?$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
  // These are published as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!(jose|intl-messageformat|@formatjs|lru-cache)/)'],
};

export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/{unit,connectors,sandbox}/**/*.test.ts'] },
    {
      ...common,
      displayName: 'server',
      testMatch: ['<rootDir>/test/{workflow,replay,end-to-end,browser,request-tracker}/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
  ],
  testTimeout: 60_000,
  // On two cores Jest runs all files in one worker: it starts a new one before the old one has grown too large.
  workerIdleMemoryLimit: '1GB',
};

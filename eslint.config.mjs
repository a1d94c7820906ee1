import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

/** Which folders a folder may import from. The tree is the architecture, and this table is the tree. */
const mayImport = {
  domain: [],
  connectors: ['domain'],
  settings: ['domain', 'connectors'],
  accounts: ['domain', 'connectors', 'settings'],
  activities: ['domain', 'connectors', 'accounts'],
  workflows: ['domain', 'activities'], // activities: types only, see below
  worker: ['domain', 'connectors', 'settings', 'accounts', 'activities'],
  api: ['domain', 'connectors', 'settings', 'accounts'],
  cli: ['domain', 'connectors', 'settings', 'accounts'],
  sandbox: ['domain', 'settings', 'accounts', 'worker', 'cli'],
  bench: ['domain', 'accounts', 'sandbox', 'test'], // test: its helpers only, see below
};
mayImport.test = Object.keys(mayImport).filter((room) => room !== 'bench');
const rooms = Object.keys(mayImport);
const zones = rooms.flatMap((target) =>
  rooms
    .filter((from) => from !== target && !mayImport[target].includes(from))
    .map((from) => ({
      target: `./${target}`,
      from: `./${from}`,
      message: `${target}/ may import from: ${mayImport[target].join(', ') || 'nothing'}.`,
    })),
);
zones.push({
  target: './bench',
  from: './test',
  except: ['./support', './api/fakes.ts'],
  message: 'bench/ may import the helpers of tests and no test.',
});

const SOURCE = rooms.filter((room) => room !== 'test' && room !== 'bench').map((room) => `${room}/**/*.ts`);

/** Files whose one long function is a list of routes, or an object of short functions that share what it was given. */
const LISTS = [
  'activities/platform.ts',
  'api/handoffs/routes.ts',
  'api/operations/{metrics,openapi}.ts',
  'api/temporal/client.ts',
  'connectors/request-tracker/{cases,events,feed,messages}.ts',
];

const LOSES_TIME_LIMITS = {
  selector: "CallExpression[callee.object.name='AbortSignal'][callee.property.name='any']",
  message: 'Use startTimeLimit() of domain/time-limit.ts: Node can lose a time limit inside of AbortSignal.any().',
};

const ATTRIBUTE_NAME = 'Handoff(Account|State|Outcome|ContactCenter|Queue|Case|Undelivered)';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.data', 'coverage', 'sandbox/page/**'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.mjs'] }, tsconfigRootDir: import.meta.dirname },
    },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.mjs'] })] },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      'no-restricted-syntax': ['error', LOSES_TIME_LIMITS],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: SOURCE,
    rules: {
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        LOSES_TIME_LIMITS,
        ...[`Literal[value=/^${ATTRIBUTE_NAME}$/]`, `TemplateElement[value.raw=/${ATTRIBUTE_NAME} (=|>|<|IN)/]`].map(
          (selector) => ({
            selector,
            message: 'Search attributes are named by ATTRIBUTE in domain/search-attributes.ts.',
          }),
        ),
      ],
    },
  },
  { files: ['domain/search-attributes.ts'], rules: { 'no-restricted-syntax': ['error', LOSES_TIME_LIMITS] } },
  { files: LISTS, rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['api/**/*.ts'],
    // The module that speaks to Temporal, and the process that opens and closes its connection.
    ignores: ['api/temporal/**', 'api/main.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@temporalio/client'],
              message: 'Only api/temporal/ speaks to Temporal.',
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  {
    // Workflow code runs again from its history: nothing that differs from run to run may reach it.
    files: ['workflows/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            ...builtinModules.flatMap((name) => [name, `node:${name}`]).filter((name) => !name.endsWith('assert')),
            {
              name: '@temporalio/workflow',
              importNames: ['patched', 'deprecatePatch'],
              message: 'Patches have a date and a reason, in workflows/patches.ts.',
            },
          ],
          patterns: [
            {
              group: ['zod', 'zod/*'],
              message: 'Parse in api/ and activities/; zod costs every cached workflow half a megabyte.',
              allowTypeImports: true,
            },
            {
              group: ['**/activities/*', '**/activities'],
              message: 'Workflows know activities by type only.',
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  { files: ['workflows/patches.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
  { files: ['*.ts', '*.mjs', 'eslint.config.mjs'], rules: { 'import-x/no-default-export': 'off' } },
  { files: ['eslint.config.mjs', 'jest.config.mjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['test/**', 'bench/**'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);

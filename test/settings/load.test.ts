import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSettings, loadSettings, SettingsError } from '../../settings/load';
import type { SettingsIssue } from '../../settings/expand';

const SECRET = 'whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g=';

const VALID = `
api: { port: '\${PORT}', keys: [{ name: bot, key: '\${BOT_KEY}', scopes: [handoffs:write] }] }
accounts:
  main:
    platform:
      kind: infobip
      baseUrl: https://\${TENANT}.api.example.com
      apiKey: some-key
      webhook: { mode: subscription, secret: some-secret }
    contactCenters:
      desk: { kind: custom, baseUrl: https://desk.example.com, secret: ${SECRET} }
    routing: [{ to: desk }]
`;
const ENV = { PORT: '3456', BOT_KEY: 'the-key-of-the-bot', TENANT: 'acme' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function issuesOf(text: string, env: NodeJS.ProcessEnv = ENV): SettingsIssue[] {
  try {
    parseSettings(text, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.issues;
    throw error;
  }
  return [];
}

/** What is said of each path, as one line each. */
const linesOf = (...args: Parameters<typeof issuesOf>) =>
  issuesOf(...args).map(({ path, message }) => `${path}: ${message}`);

describe('the settings file', () => {
  test('takes values from the environment, within a text and as a number', () => {
    const { api, accounts } = parseSettings(VALID, ENV);
    expect(api.port).toBe(3456);
    expect(api.keys[0]?.key).toBe('the-key-of-the-bot');
    expect(accounts.main?.platform).toMatchObject({ baseUrl: 'https://acme.api.example.com' });
  });

  test('takes values from files, without the line end of their last line', () => {
    const text = VALID.replace('some-key', `\${file:${file('api-key', 'from a file\nof two lines\n')}}`);
    expect(parseSettings(text, ENV).accounts.main?.platform).toMatchObject({ apiKey: 'from a file\nof two lines' });
  });

  test('names every variable and file that is missing, once, where it is used', () => {
    const text = VALID.replace('some-key', '${file:/no/such/file}');
    expect(linesOf(text, { PORT: '1', TENANT: '' })).toEqual([
      'api.keys[0].key: environment variable BOT_KEY is not set; set it before the start',
      'accounts.main.platform.baseUrl: environment variable TENANT is not set; set it before the start',
      'accounts.main.platform.apiKey: file /no/such/file cannot be read or is empty; check its path and permissions',
    ]);
  });

  test('reports all its mistakes at once, each with its path', () => {
    const text = VALID.replace("'${PORT}'", '99999')
      .replace('[handoffs:write]', '[handoffs:rite]')
      .replace('apiKey: some-key', 'username: handoff')
      .replace('mode: subscription', 'mode: push')
      .replace('baseUrl: https://desk', 'baseURL: https://desk')
      .replace('to: desk', 'to: dsk')
      .concat("    timers: { openWithin: soon }\n    endKeywords: ['']\n");
    expect(issuesOf(text).map(({ path }) => path)).toEqual([
      'api.port',
      'api.keys[0].scopes[0]',
      'accounts.main.platform.webhook.mode',
      'accounts.main.platform.password',
      'accounts.main.contactCenters.desk.baseUrl',
      'accounts.main.contactCenters.desk.baseURL',
      'accounts.main.timers.openWithin',
      'accounts.main.endKeywords[0]',
      'accounts.main.routing[0].to',
    ]);
  });

  test.each([
    [
      'another kind',
      'kind: infobip',
      'kind: infobib',
      'platform.kind',
      /unknown kind; write infobip or business-messages/,
    ],
    ['no way to log in', 'apiKey: some-key', 'linkTag: null', 'platform.apiKey', /apiKey, or username and password/],
    ['a rule to nowhere', 'to: desk', 'to: dsk', 'routing[0].to', /no contact center 'dsk'; write desk/],
    [
      'a misspelt setting',
      'routing:',
      'routeing: []\n    routing:',
      'routeing',
      /unknown setting; did you mean routing/,
    ],
    ['a reserved name', 'desk: {', 'platform: {', 'contactCenters.platform', /'platform' is reserved/],
    ['a name with a space', 'desk: {', "'the desk': {", 'contactCenters.the desk', /letters, digits, - and _/],
    ['no contact center', /desk: \{.*\}/, '{}', 'contactCenters', /name at least one contact center/],
  ])('says what is wrong with %s', (_, before, after, path, words) => {
    const issues = issuesOf(VALID.replace(before, after));
    const where = ['accounts.main', path].filter(Boolean).join('.');
    expect(issues).toContainEqual({ path: where, message: expect.stringMatching(words) as string });
  });

  test.each(['5', 'soon', 'NaN', '1 fortnight'])('refuses %s as an invalid duration', (text) => {
    const message = `invalid duration '${text}'; write a number with its unit, such as 30s, 15m, 24h or 3d`;
    const issues = issuesOf(`${VALID}    watch: { pollEvery: '${text}' }\n`);
    expect(issues).toEqual([{ path: 'accounts.main.watch.pollEvery', message }]);
  });

  test.each([
    ['timers', 'openWithin', '0s', '1s'],
    ['timers', 'deliverWithin', '999ms', '1s'],
    ['timers', 'answerWithin', '366d', '1s'],
    ['timers', 'answerWithin', '-1s', '1s'],
    ['watch', 'pollEvery', '99ms', '100ms'],
    ['watch', 'reconcileEvery', '2y', '1s'],
  ])('refuses %s.%s: %s, which is out of range', (section, setting, text, least) => {
    const message = `invalid duration '${text}'; use ${least} to 365d`;
    const issues = issuesOf(`${VALID}    ${section}: { ${setting}: '${text}' }\n`);
    expect(issues).toEqual([{ path: `accounts.main.${section}.${setting}`, message }]);
  });

  test.each(['0', '1.1', "'half'"])('refuses %s as a share of the rate limit', (share) => {
    const issues = issuesOf(`${VALID}    watch: { reconcileShare: ${share} }\n`);
    expect(issues).toMatchObject([{ path: 'accounts.main.watch.reconcileShare' }]);
  });

  test.each(['0', '1.5'])('refuses %s as a number of worker processes', (processes) => {
    const issues = issuesOf(`worker: { processes: ${processes} }\n${VALID}`);
    expect(issues).toMatchObject([{ path: 'worker.processes' }]);
  });

  test('may switch off the wait for an answer, and nothing else that ends by time', () => {
    const { timers } = parseSettings(`${VALID}    timers: { answerWithin: null }\n`, ENV).accounts.main!;
    expect(timers).toEqual({
      openWithin: 15 * 60_000,
      acceptWithin: 2 * 60_000,
      deliverWithin: 24 * 3_600_000,
      answerWithin: null,
      holdBack: 0,
    });
    expect(issuesOf(`${VALID}    timers: { deliverWithin: null }\n`)).toHaveLength(1);
  });

  test('that is no YAML is reported with line and column', () => {
    expect(linesOf('api:\n  keys: [')).toEqual([expect.stringMatching(/line 2, column \d+/)]);
    expect(linesOf('api: {}\napi: {}')).toEqual([expect.stringMatching(/^line 2, column 1: this setting .* twice/)]);
  });

  test('P38: never repeats a secret in what it says of it', () => {
    const text = VALID.replace(SECRET, 'hunter2').replace('some-secret', 'pa ss').replace('${BOT_KEY}', 'k3y');
    const issues = issuesOf(text);
    expect(issues).toHaveLength(3);
    expect(JSON.stringify(issues)).not.toMatch(/hunter2|pa ss|k3y/);
  });
});

describe('API keys', () => {
  const keys = (...entries: object[]) =>
    VALID.replace(/keys: \[.*\]/, `keys: ${JSON.stringify(entries)}`).replace("'${PORT}'", '1');
  const KEY = { name: 'bot', key: 'a-key-that-is-long-enough', scopes: ['handoffs:write'] };
  const OTHER = { name: 'eyes', key: 'another-key-that-is-long', scopes: ['handoffs:read'] };

  test.each(['with a space inside', 'žluťoučký-kůň-key', 'key-with-a-newline\n-----'])(
    'that can never match are refused: %j',
    (key) => {
      expect(linesOf(keys({ ...KEY, key }))).toEqual([
        'api.keys[0].key: invalid character; use printable ASCII characters without spaces',
      ]);
    },
  );

  test('that are too short are refused', () => {
    expect(linesOf(keys({ ...KEY, key: 'elevenchars' }))).toEqual([
      'api.keys[0].key: too short; use at least 12 characters',
    ]);
    expect(linesOf(keys({ ...KEY, key: 'sixteen--letters' }))).toEqual([]);
  });

  test('that share a name or a value are refused, without repeating the value', () => {
    const lines = linesOf(keys(KEY, { ...OTHER, name: 'bot' }, { ...OTHER, key: KEY.key }));
    expect(lines).toEqual([
      'api.keys[1].name: is the same as keys[0].name; each key needs its own name',
      'api.keys[2].key: is the same as keys[0].key; each key needs its own value',
    ]);
  });

  test('may be limited to accounts that exist', () => {
    const settings = parseSettings(keys({ ...KEY, accounts: ['main'] }, OTHER), ENV);
    expect(settings.api.keys.map(({ accounts }) => accounts)).toEqual([['main'], undefined]);
    expect(linesOf(keys({ ...KEY, accounts: ['main', 'mian'] }))).toEqual([
      "api.keys[0].accounts[1]: there is no account 'mian'; write main",
    ]);
    expect(linesOf(keys({ ...KEY, accounts: [] }))).toHaveLength(1);
  });
});

describe('the port', () => {
  test.each(['null', "''", "'80x'", '1.5', '-1', '65536', "'99999'"])('is refused as %s', (port) => {
    expect(linesOf(VALID.replace("'${PORT}'", port))).toEqual([
      'api.port: invalid port; write a number from 0 to 65535',
    ]);
  });
});

describe('an account or contact center with an invalid name', () => {
  test('is reported together with the mistakes in it', () => {
    const text = VALID.replace('  main:', "  'my account':").replace('mode: subscription', 'mode: push');
    expect(issuesOf(text).map(({ path }) => path)).toEqual([
      'accounts.my account.platform.webhook.mode',
      'accounts.my account',
    ]);
    const desk = VALID.replace('desk: {', "'the desk': {").replace('baseUrl: https://desk', 'baseURL: https://desk');
    expect(issuesOf(desk).map(({ path }) => path)).toContain('accounts.main.contactCenters.the desk.baseUrl');
  });
});

describe('a text for end users', () => {
  test.each(['{agent', '{name} is here', '<b>{agent}'])(
    'that could not be said is a mistake from the start: %p',
    (text) => {
      const texts = JSON.stringify({ languages: { en: { agentJoined: text } } });
      expect(issuesOf(`${VALID}    texts: ${texts}\n`)).toEqual([
        {
          path: 'accounts.main.texts.languages.en.agentJoined',
          message: expect.stringContaining('invalid ICU message; use no parameter but {agent}') as string,
        },
      ]);
    },
  );
});

describe('loading', () => {
  test('reads the file that HANDOFF_CONFIG names', () => {
    const path = file('named.yaml', VALID);
    expect(loadSettings({ ...ENV, HANDOFF_CONFIG: path }).api.port).toBe(3456);
  });

  test('of a file that is not there says how to begin', () => {
    const path = join(folder, 'none.yaml');
    expect(() => loadSettings({ HANDOFF_CONFIG: path })).toThrow(
      `The settings in ${path} cannot be used:\n  (the whole file): cannot be read (ENOENT); copy handoff.example.yaml`,
    );
  });

  test.each(['api/main.ts', 'worker/main.ts', 'cli/subscribe.ts'])(
    'ends %s with 1 and all mistakes, and no stack',
    async (program) => {
      const path = file('wrong.yaml', VALID.replace('to: desk', 'to: dsk'));
      const { code, stderr } = await run(program, { ...ENV, BOT_KEY: '', HANDOFF_CONFIG: path });
      expect({ code, lines: stderr.trim().split('\n') }).toEqual({
        code: 1,
        lines: [
          `The settings in ${path} cannot be used:`,
          '  api.keys[0].key: environment variable BOT_KEY is not set; set it before the start',
          "  accounts.main.routing[0].to: there is no contact center 'dsk'; write desk",
        ],
      });
    },
  );
});

function run(program: string, env: NodeJS.ProcessEnv): Promise<{ code: unknown; stderr: string }> {
  const root = join(__dirname, '../..');
  const args = ['--import', 'tsx', join(root, program), '--yes'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env: { PATH: process.env.PATH, ...env } }, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}

import { generateKeyPairSync } from 'node:crypto';
import { stringify } from 'yaml';
import { parseSettings, SettingsError } from '../../settings/load';

/** A value for every setting, so that each can be made wrong. */
const COMPLETE = {
  api: {
    port: 3000,
    host: '127.0.0.1',
    publicUrl: 'https://handoff.example.com',
    temporalUiUrl: 'https://temporal.example.com',
    maxInFlight: 400,
    keys: [{ name: 'bot', key: 'the-key-of-the-bot', scopes: ['handoffs:write'], accounts: ['main'] }],
  },
  temporal: { address: '127.0.0.1:7233', namespace: 'default', taskQueue: 'handoff' },
  log: { level: 'info' },
  limits: { maxTextBytes: 2048 },
  accounts: {
    main: {
      platform: {
        kind: 'infobip',
        baseUrl: 'https://x.api.example.com',
        apiKey: 'some-key',
        webhook: { mode: 'subscription', secret: 'some-secret', verify: 'none', subscriptionId: 'a', profileId: 'b' },
        linkTag: 'handoff',
        rateLimit: { perSecond: 10, burst: 20 },
        messageReadLimit: { perSecond: 10, burst: 20 },
        filePaths: ['/files/*'],
      },
      contactCenters: {
        rt: {
          kind: 'request-tracker',
          baseUrl: 'https://rt.example.com',
          username: 'handoff',
          password: 'some-password',
          queue: 'General',
          customField: 'Key',
          appendAs: 'service',
          requestorEmailDomain: 'example.com',
          priorities: { LOW: 0, NORMAL: 1, HIGH: 2, URGENT: 3 },
          closedStatuses: ['resolved'],
          timeoutMs: 1_000,
        },
        desk: {
          kind: 'custom',
          baseUrl: 'https://desk.example.com',
          secret: 'whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g=',
          previousSecrets: ['whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g='],
          events: true,
          agentMessages: true,
          openCases: true,
          appendReopens: false,
          rateLimit: { perSecond: 10, burst: 20 },
          timeoutMs: 1_000,
        },
      },
      routing: [
        {
          when: { tag: 'a', language: 'de', queue: 'q', priority: 'HIGH', attributes: { campaign: 'spring' } },
          to: 'desk',
          queue: 'q',
          language: 'de',
          priority: 'LOW',
        },
      ],
      texts: { defaultLanguage: 'en', languages: { en: { waiting: 'Wait' } } },
      timers: { openWithin: '1m', deliverWithin: '1m', answerWithin: '1m' },
      watch: { pollEvery: '1s', reconcileEvery: '1s' },
      janitor: { every: '10s', unknown: 'alert' },
      endKeywords: ['/end'],
    },
    business: {
      platform: {
        kind: 'business-messages',
        baseUrl: 'https://b.example.com',
        serviceAccount: { clientEmail: 'a@example.com', privateKey: '${RSA}', tokenUri: 'https://t.example.com' },
        webhook: { clientToken: 'token', previousTokens: ['older'], partnerKey: 'partner' },
        botUrl: 'https://bot.example.com',
        bot: { displayName: 'Bot', avatarImage: 'https://bot.example.com/bot.png' },
        defaultAgentAvatar: 'https://bot.example.com/agent.png',
        rateLimit: { perSecond: 10, burst: 20 },
        surveyAfterClose: true,
      },
      contactCenters: {
        desk: {
          kind: 'custom',
          baseUrl: 'https://desk.example.com',
          secret: 'whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g=',
        },
      },
      routing: [{ to: 'desk' }],
    },
  },
};

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const ENV = { RSA: privateKey };

type Path = (string | number)[];

/** Every place in the settings, groups and lists included. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const isList = Array.isArray(value);
  const inner = Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, isList ? Number(key) : key]));
  return path.length === 0 ? inner : [path, ...inner];
}

const PLACES = placesIn(COMPLETE);
const dotted = (path: Path) => path.join('.').replace(/\.(\d+)/g, '[$1]');

/** The complete settings with another value in one place, without the accounts that are not concerned. */
function withValue(path: Path, value: unknown): string {
  const copy = structuredClone(COMPLETE) as { accounts: Record<string, unknown> };
  const concerned = path[0] === 'accounts' ? path[1] : 'main';
  for (const name of Object.keys(copy.accounts)) if (concerned && name !== concerned) delete copy.accounts[name];
  const group = path.slice(0, -1).reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], copy);
  (group as Record<string, unknown>)[path.at(-1)!] = value;
  // JSON is YAML, and quicker to write.
  return JSON.stringify(copy);
}

function linesOf(text: string): string[] {
  try {
    parseSettings(text, ENV);
  } catch (error) {
    if (error instanceof SettingsError) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

const WRONG = [undefined, null, '', 'a b?#', -1, 1.5, 1e9, true, [], [7], {}];

describe('whatever is wrong with a setting', () => {
  test('the complete settings of this test are valid', () => {
    expect(linesOf(stringify(COMPLETE))).toEqual([]);
  });

  test.each(PLACES.map((path) => [dotted(path), path] as const))(
    '%s: says what is wrong and what to write',
    (_, path) => {
      const lines = WRONG.flatMap((value) => linesOf(withValue(path, value)));
      // Each value but a switch or a list of anything is wrong for at least a list.
      expect(lines).not.toEqual([]);
      for (const line of lines) {
        expect(line).toMatch(
          /^[\w.[\] -]+: [^;]+; (add|begin|choose|each|name|put|remove|set|use|write|did|a password|a username) ?.+/,
        );
        expect(line).not.toMatch(/expected|received|Invalid|Unrecognized|Too (big|small)|pattern|undefined|NaN/);
      }
    },
  );

  test.each(PLACES.filter((path) => typeof path.at(-1) === 'string').map((path) => [dotted(path), path] as const))(
    '%s: is not confused with one that is misspelt',
    (_, path) => {
      const misspelt = [...path.slice(0, -1), `${String(path.at(-1))}s`];
      const isFree = /accounts\.\w+s$|contactCenters\.\w+s$|attributes\.\w+s$|languages\.\w+s$/.test(dotted(misspelt));
      if (isFree) return;
      expect(linesOf(withValue(misspelt, 'x'))).toContain(
        `${dotted(misspelt)}: unknown setting; did you mean ${String(path.at(-1))}?`,
      );
    },
  );
});

describe('the words for a value that is wrong', () => {
  const words = (path: string, value: unknown) => linesOf(withValue(path.split('.'), value));

  test.each<[string, unknown, string]>([
    ['api.publicUrl', 'handoff.example.com', 'api.publicUrl: invalid URL; begin it with https://'],
    ['api.publicUrl', 'handoff.example.com:8443/base', 'api.publicUrl: invalid URL; begin it with https://'],
    ['api.publicUrl', 'ftp://example.com', 'api.publicUrl: invalid URL; write a URL such as https://example.com'],
    ['api.publicUrl', 'https://example.com/?a=b', 'api.publicUrl: invalid URL; write it without ? and #'],
    ['api.publicUrl', null, 'api.publicUrl: is empty; write a URL such as https://example.com'],
    ['api', undefined, 'api: is missing; write its settings, each as name: value'],
    ['api.keys', undefined, 'api.keys: is missing; write a list, such as [a, b]'],
    ['api.keys', [], 'api.keys: is an empty list; write at least one entry'],
    ['api.keys', {}, 'api.keys: is a group of settings; write a list, such as [a, b]'],
    [
      'api.keys.0.scopes.0',
      'handoffs:rite',
      'api.keys[0].scopes[0]: unknown value; write handoffs:write, handoffs:read or handoffs:manage',
    ],
    ['api.keys.0.key', 123456789012, 'api.keys[0].key: is a number; put it in quotes to make it a text'],
    ['api.maxInFlight', 1, 'api.maxInFlight: too small; use at least 2'],
    ['api.maxInFlight', 10_001, 'api.maxInFlight: too large; use at most 10000'],
    ['api.maxInFlight', 2.5, 'api.maxInFlight: is not a whole number; write a whole number'],
    ['temporal.taskQueue', '', 'temporal.taskQueue: is empty; write a text'],
    [
      'accounts.main.platform.kind',
      undefined,
      'accounts.main.platform.kind: is missing; write infobip or business-messages',
    ],
    [
      'accounts.main.platform.webhook.mode',
      undefined,
      'accounts.main.platform.webhook.mode: is missing; write subscription or account-configuration',
    ],
    [
      'accounts.main.platform.rateLimit.perSecond',
      0,
      'accounts.main.platform.rateLimit.perSecond: too small; use more than 0',
    ],
    [
      'accounts.main.contactCenters.desk.events',
      'yes',
      'accounts.main.contactCenters.desk.events: is a text; write true or false',
    ],
    [
      'accounts.main.contactCenters.desk.kind',
      'webhook',
      'accounts.main.contactCenters.desk.kind: kind: webhook was renamed; write kind: custom',
    ],
    [
      'accounts.main.timers.answerWithin',
      30,
      'accounts.main.timers.answerWithin: invalid duration; write a number with its unit, such as 30s, 15m, 24h or 3d',
    ],
    ['accounts.main.endKeywords', '/end', 'accounts.main.endKeywords: is a text; write a list, such as [a, b]'],
    [
      'accounts.main.texts.languages.en.hello',
      'Hi',
      'accounts.main.texts.languages.en.hello: unknown setting; write waiting, agentJoined, agentLeft, goodbye, ended, unanswered, unavailable or undeliverable',
    ],
  ])('%s: %j', (path, value, line) => {
    expect(words(path, value)).toEqual([line]);
  });

  test('name every setting that is unknown, each with its path', () => {
    const text = stringify({ ...COMPLETE, acounts: 1, something: 2 });
    expect(linesOf(text)).toEqual([
      'acounts: unknown setting; did you mean accounts?',
      'something: unknown setting; write api, temporal, worker, log, limits or accounts',
    ]);
  });
});

describe('a duration', () => {
  test.each([
    ['30 minutes', 30 * 60_000],
    ['1 hour', 3_600_000],
    ['90 sec', 90_000],
    ['1.5h', 5_400_000],
    ['2 weeks', 14 * 86_400_000],
  ])('is accepted as %s', (text, milliseconds) => {
    const { timers } = parseSettings(withValue(['accounts', 'main', 'timers', 'answerWithin'], text), ENV).accounts
      .main!;
    expect(timers.answerWithin).toBe(milliseconds);
  });
});

describe('a file that is not valid YAML', () => {
  test.each<[string, string, string]>([
    ['a tab', 'api:\n\tport: 1', 'line 2, column 1: a tab in the indentation; use spaces'],
    [
      'uneven indentation',
      'api:\n    port: 1\n  host: x',
      'line 3, column 1: wrong indentation; begin all settings of a group in the same column',
    ],
    [
      'a quote that is not closed',
      "api: 'x",
      "line 1, column 8: a quote, bracket, comma or ': ' is missing here, or shortly before; add it",
    ],
    [
      'a colon in a value',
      'api: b: c',
      "line 1, column 6: a second ': ' in one line; put the value in quotes, or the setting in a line of its own",
    ],
    [
      'a setting that is there twice',
      'api: {}\nlog: {}\napi: {}\nlog: {}',
      'line 3, column 1: this setting is in its group twice; remove one of them\nline 4, column 1: this setting is in its group twice; remove one of them',
    ],
    ['a value with *', 'api: *x', 'line 1, column 6: a value cannot begin with *; put it in quotes'],
    ['a value with !', 'api: !x 1', 'line 1, column 6: a value cannot begin with !; put it in quotes'],
    ['a value with @', 'api: @x', 'line 1, column 6: a value cannot begin with this character; put it in quotes'],
    ['two documents', 'api: 1\n---\napi: 2', "line 2, column 1: a second document begins here; remove the line '---'"],
    [
      'a placeholder without quotes in { }',
      'api: { key: ${KEY}, port: 1 }\nlog: {}',
      "line 1, column 14: within { } or [ ] a placeholder needs quotes; write '${NAME}'",
    ],
    ['nothing in it', '# nothing\n', ': is empty; copy handoff.example.yaml and edit it'],
    ['a text in it', 'hello', ': is a text; write its settings, each as name: value'],
  ])('because of %s', (_, text, lines) => {
    expect(linesOf(text)).toEqual(lines.split('\n'));
  });

  test('is not repeated in what is said of it, since it may contain a secret', () => {
    for (const text of [
      'key: "hunter2" hunter2',
      'key: { a: ${hunter2} hunter2',
      'key: *hunter2',
      '"hunter2',
      '- hunter2\nb: hunter2',
    ]) {
      expect(linesOf(text).join('\n')).toMatch(/^line \d+, column \d+: /);
      expect(linesOf(text).join('\n')).not.toContain('hunter2');
    }
  });

  test('has placeholders that end', () => {
    expect(linesOf(withValue(['api', 'host'], '${HOST'))).toEqual([
      'api.host: unfinished placeholder; write ${NAME} or ${file:PATH}',
    ]);
  });
});

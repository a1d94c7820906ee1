import { webhookUrl } from '../../accounts/webhook-url';
import { chooseAccounts, subscribe } from '../../cli/subscribe';
import type { Account } from '../../accounts/connect';
import { VendorError } from '../../connectors/shared/errors';
import type { SubscriptionPlan } from '../../connectors/platform';

const SECRET = 'secret-of-the-test';

function account(name: string, plan?: Partial<SubscriptionPlan>) {
  const applied: string[] = [];
  const planSubscription = (url: string) =>
    Promise.resolve({
      wanted: url,
      warnings: ['mind the gap'],
      unchanged: false,
      apply: () => Promise.resolve(void applied.push(url)),
      ...plan,
    });
  const platform = { urlSecret: SECRET, ...(plan && { subscription: { plan: planSubscription } }) };
  return { applied, account: { name, platform } as unknown as Account };
}

function dialog(answer: boolean) {
  const lines: string[] = [];
  const questions: string[] = [];
  return {
    lines,
    questions,
    print: (line: string) => void lines.push(line),
    confirm: (question: string) => Promise.resolve(questions.push(question) > 0 && answer),
  };
}

const URL = `https://handoff.example.com/webhooks/main/platform/${SECRET}`;

test("a platform's webhook ends with its secret, where it has one", () => {
  const { account: main } = account('main');
  expect(webhookUrl(main, 'https://handoff.example.com/')).toBe(URL);
  const platform = { ...main.platform, urlSecret: undefined };
  expect(webhookUrl({ ...main, platform }, 'https://h')).toBe('https://h/webhooks/main/platform');
});

test('what is agreed to is set, and the secret is not shown', async () => {
  const main = account('main', { replaces: 'the old one' });
  const said = dialog(true);
  await subscribe([main.account], 'https://handoff.example.com', said);
  expect(main.applied).toEqual([URL]);
  const shown = [...said.lines, ...said.questions].join('\n');
  expect(shown).not.toContain(SECRET);
  for (const part of ['/platform/***', 'unknown', 'the old one', 'mind the gap', 'main: set'])
    expect(shown).toContain(part);
});

test('what is not agreed to is left, and the next account is asked about', async () => {
  const [main, second] = [account('main', {}), account('second', {})];
  const said = dialog(false);
  await subscribe([main.account, second.account], 'https://handoff.example.com', said);
  expect([...main.applied, ...second.applied]).toEqual([]);
  expect(said.questions).toHaveLength(2);
  expect(said.lines.join('\n')).toContain('left as it is');
});

test('what is set already is neither asked about nor set', async () => {
  const main = account('main', { unchanged: true });
  const said = dialog(true);
  await subscribe([main.account], 'https://handoff.example.com', said);
  expect([main.applied, said.questions]).toEqual([[], []]);
  expect(said.lines.join()).toContain('is set already');
});

test('a platform that cannot be set from here is named', async () => {
  const said = dialog(true);
  await subscribe([account('main').account], 'https://handoff.example.com', said);
  expect(said.lines.join()).toContain('cannot be set');
});

test('one account can be named, and an unknown name is an error that names the known', () => {
  const [main, second] = [account('main').account, account('second').account];
  const all = new Map([main, second].map((each) => [each.name, each]));
  expect(chooseAccounts(all, undefined)).toEqual([main, second]);
  expect(chooseAccounts(all, 'second')).toEqual([second]);
  expect(() => chooseAccounts(all, 'third')).toThrow("no account 'third' in the settings. Use one of: main, second.");
});

describe('a platform that does not do it is reported with account, host and the setting to check', () => {
  const failing = (error: Error) => {
    const { account: main } = account('main', {});
    const platform = { ...main.platform, subscription: { plan: () => Promise.reject(error) } };
    const settings = { platform: { kind: 'infobip', baseUrl: 'https://xxxxx.api.infobip.com' } };
    return subscribe(
      [{ ...main, platform, settings } as unknown as Account],
      'https://handoff.example.com',
      dialog(true),
    );
  };
  const called = 'Called: https://xxxxx.api.infobip.com.';

  test.each([
    [
      'that cannot be found',
      new VendorError('unavailable', 'Infobip: get subscriptions got no answer (ENOTFOUND)'),
      `main: Infobip: get subscriptions got no answer (ENOTFOUND). ${called} Check accounts.main.platform.baseUrl, and whether this machine can reach it.`,
    ],
    [
      'that rejects the key',
      new VendorError('unauthorized', 'Infobip: get subscriptions answered 401', { status: 401 }),
      `main: Infobip: get subscriptions answered 401. ${called} Check the credentials in accounts.main.platform and what they are allowed to do.`,
    ],
    [
      'that rejects the request',
      new VendorError('rejected', 'Infobip: update profile answered 400: no such profile', { status: 400 }),
      `main: Infobip: update profile answered 400: no such profile. ${called} Check accounts.main.platform.`,
    ],
  ])('%s', async (_, error, message) => {
    await expect(failing(error)).rejects.toThrow(message);
  });
});

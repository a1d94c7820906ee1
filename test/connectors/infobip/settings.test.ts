import { z } from 'zod';
import { infobip } from '../../../connectors/infobip';

const base = {
  kind: 'infobip',
  baseUrl: 'https://x.api.infobip.com',
  webhook: { mode: 'subscription', secret: 'long-enough' },
};

/** The paths of all mistakes. */
function mistakes(settings: object): string[] {
  const issues = infobip.settings.safeParse({ ...base, ...settings }).error?.issues ?? [];
  return issues.map(({ path }) => path.join('.'));
}

test('an API key, or a user name with its password, is enough', () => {
  expect(mistakes({ apiKey: 'k' })).toEqual([]);
  expect(mistakes({ username: 'u', password: 'p' })).toEqual([]);
});

test('no credentials, both kinds of them, and halves of them are mistakes with a path', () => {
  expect(mistakes({})).toEqual(['apiKey']);
  expect(mistakes({ apiKey: 'k', username: 'u', password: 'p' })).toEqual(['apiKey']);
  expect(mistakes({ username: 'u' })).toEqual(['password']);
  expect(mistakes({ password: 'p' })).toEqual(['username']);
});

test("a webhook's secret is long enough and fits into a URL", () => {
  const secret = (value: string) => mistakes({ apiKey: 'k', webhook: { mode: 'subscription', secret: value } });
  expect(secret('1234567')).toEqual(['webhook.secret']);
  expect(secret('with/slash?')).toEqual(['webhook.secret']);
  expect(secret('A-._~z09')).toEqual([]);
});

test('only http and https are base URLs, and unknown settings are mistakes', () => {
  expect(mistakes({ apiKey: 'k', baseUrl: 'ftp://x' })).toEqual(['baseUrl']);
  expect(mistakes({ apiKey: 'k', apikey: 'k' })).toEqual(['']);
});

test('what is not set has its default', () => {
  expect(infobip.settings.parse({ ...base, apiKey: 'k' })).toMatchObject({
    linkTag: 'durable_handoff',
    webhook: { verify: 'none', subscriptionId: 'durable-handoff' },
    rateLimit: { perSecond: 10, burst: 20 },
    messageReadLimit: { perSecond: 8, burst: 20 },
    filePaths: ['/whatsapp/1/senders/*/media/*'],
  });
});

test('an id that is part of a path leads nowhere else', () => {
  const subscriptionId = (value: string) =>
    mistakes({ apiKey: 'k', webhook: { mode: 'subscription', secret: 'long-enough', subscriptionId: value } });
  for (const wrong of ['.', '..', 'a/b', '']) expect(subscriptionId(wrong)).toEqual(['webhook.subscriptionId']);
  expect(subscriptionId('a..b')).toEqual([]);
});

test('the check across fields holds among other kinds too, as in the settings file', () => {
  const kinds = z.discriminatedUnion('kind', [
    infobip.settings as unknown as z.ZodObject<{ kind: z.ZodLiteral<'infobip'> }>,
    z.strictObject({ kind: z.literal('other') }),
  ]);
  const { error } = z.object({ platform: kinds }).safeParse({ platform: base });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['platform.apiKey']);
});

test('says how many conversations its limits allow to read, in one of several processes too', () => {
  const perSecond = (processes: number, limits = {}) => {
    const settings = infobip.settings.parse({ ...base, apiKey: 'k', ...limits }) as { kind: string };
    return infobip.create(settings, { account: 'main', processes }).history!.readsPerSecond;
  };
  expect(perSecond(1)).toBe(5); // two calls for each, of 10
  expect(perSecond(2)).toBe(2.5);
  expect(perSecond(1, { rateLimit: { perSecond: 100, burst: 100 } })).toBe(8); // one of them reads messages
  expect(perSecond(1, { messageReadLimit: { perSecond: 1, burst: 1 } })).toBe(1);
});

import { connectorTo, Fake, notFound, refusal } from './fake';

const SUBSCRIPTIONS = '/subscriptions/1/subscription/CUSTOMER_ENGAGEMENT';
const PROFILES = '/subscriptions/1/profiles';
const URL_WANTED = 'https://handoff.example.com/webhooks/main/platform/secret-of-the-test';
const URL_OLD = 'https://old.example.com/hook/an-older-secret?key=also-secret';
const EVENTS = ['CONVERSATION_MESSAGE_RECEIVED', 'CONVERSATION_STATUS_UPDATED'];

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

function plan(webhook: object = {}, url = URL_WANTED) {
  const own = { mode: 'subscription', secret: 'secret-of-the-test', ...webhook };
  return connectorTo(fake.url, { webhook: own }).subscription!.plan(url);
}

/** What the account has, as the two listings tell it; every change is accepted. */
function given(subscriptions: { subscriptionId: string }[], profiles: { profileId: string }[]) {
  const pages = (all: object[]) => (seen: { query: URLSearchParams }) => {
    const [page, size] = [Number(seen.query.get('page')), Number(seen.query.get('size'))];
    return { body: { results: all.slice(page * size, (page + 1) * size), paging: { page, size } } };
  };
  fake.on(`GET ${SUBSCRIPTIONS}`, pages(subscriptions));
  fake.on(`GET ${PROFILES}`, pages(profiles));
  fake.on(`POST ${SUBSCRIPTIONS}`, { status: 201, body: {} });
  fake.on(`POST ${PROFILES}`, { status: 201, body: {} });
  for (const { subscriptionId } of subscriptions) fake.on(`PUT ${SUBSCRIPTIONS}/${subscriptionId}`, {});
  for (const { profileId } of profiles) fake.on(`PUT ${PROFILES}/${profileId}`, {});
}

const subscription = (profileId: string, more: object = {}) => ({
  subscriptionId: 'durable-handoff',
  name: 'Mine',
  profile: { profileId, security: { authId: 'A1' } },
  events: EVENTS,
  criteria: [{ applicationId: 'app' }],
  ...more,
});
const profile = (profileId: string, notifyUrl: string) => ({
  profileId,
  webhook: { notifyUrl, contentType: 'application/json' },
  security: { authId: 'A1' },
  rateLimit: 100,
});

const changes = () =>
  fake.seen.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [`${method} ${path}`, body]);

test('in an empty account profile and subscription are created', async () => {
  given([], []);
  const shown = await plan();
  expect(shown).toMatchObject({ current: "no subscription 'durable-handoff'", warnings: [], unchanged: false });
  expect(shown.replaces).toBeUndefined();
  expect(changes()).toEqual([]);
  await shown.apply();
  expect(changes()).toEqual([
    [
      `POST ${PROFILES}`,
      {
        profileId: 'durable-handoff',
        webhook: { notifyUrl: URL_WANTED, contentType: 'application/json' },
        connectTimeout: 5000,
        readTimeout: 20000,
      },
    ],
    [
      `POST ${SUBSCRIPTIONS}`,
      {
        subscriptionId: 'durable-handoff',
        name: 'Durable Handoff',
        events: EVENTS,
        profile: { profileId: 'durable-handoff' },
      },
    ],
  ]);
});

test('another URL is set through the profile alone, and the profile keeps what else it has', async () => {
  given([subscription('P1')], [profile('P1', URL_OLD)]);
  const found = await plan();
  expect(found.replaces).toContain("the URL of profile 'P1'");
  await found.apply();
  expect(changes()).toEqual([
    [
      `PUT ${PROFILES}/P1`,
      {
        webhook: { notifyUrl: URL_WANTED, contentType: 'application/json' },
        security: { authId: 'A1' },
        rateLimit: 100,
      },
    ],
  ]);
});

test('missing events are added to those there are, in a body without the id', async () => {
  given([subscription('P1', { events: ['CONVERSATION_CREATED', EVENTS[0]] })], [profile('P1', URL_WANTED)]);
  await (await plan()).apply();
  expect(changes()).toEqual([
    [
      `PUT ${SUBSCRIPTIONS}/durable-handoff`,
      {
        name: 'Mine',
        criteria: [{ applicationId: 'app' }],
        events: ['CONVERSATION_CREATED', ...EVENTS],
        profile: { profileId: 'P1' },
      },
    ],
  ]);
});

test('a subscription moves to the profile the settings name', async () => {
  given([subscription('P1')], [profile('P1', URL_OLD)]);
  const found = await plan({ profileId: 'P2' });
  expect(found.current).toContain('old.example.com');
  expect(found.wanted).toContain("profile 'P2'");
  await found.apply();
  expect(changes()).toMatchObject([
    [`POST ${PROFILES}`, { profileId: 'P2' }],
    [`PUT ${SUBSCRIPTIONS}/durable-handoff`, { profile: { profileId: 'P2' } }],
  ]);
});

test('what is right already is left alone', async () => {
  given([subscription('P1')], [profile('P1', URL_WANTED)]);
  const found = await plan();
  expect(found.unchanged).toBe(true);
  await found.apply();
  expect(changes()).toEqual([]);
});

test('a profile that serves other subscriptions too is warned of', async () => {
  given([subscription('P1'), subscription('P1', { subscriptionId: 'reports' })], [profile('P1', URL_OLD)]);
  expect((await plan()).warnings.join()).toContain("'reports'");
});

test('the subscription is found among more than a page of them', async () => {
  const others = Array.from({ length: 150 }, (_, n) => subscription('P0', { subscriptionId: `other-${n}` }));
  given([...others, subscription('P1')], [profile('P1', URL_WANTED)]);
  expect((await plan()).unchanged).toBe(true);
});

test('no secret of a URL is shown', async () => {
  given([subscription('P1')], [profile('P1', URL_OLD)]);
  const shown = JSON.stringify(await plan());
  expect(shown).toContain('https://handoff.example.com/webhooks/main/platform/***');
  expect(shown).not.toMatch(/secret/);
});

test('without the right to subscribe the plan fails', async () => {
  fake.on(`GET ${SUBSCRIPTIONS}`, refusal(403, 'FORBIDDEN', 'Forbidden'));
  await expect(plan()).rejects.toMatchObject({ kind: 'unauthorized' });
});

test('the account configuration is set, and its limits are shown', async () => {
  fake.on('PUT /ccaas/1/account/configuration', { body: { statusCode: 'SUCCESS', message: '' } });
  const shown = await plan({ mode: 'account-configuration' });
  expect(shown.current).toBeUndefined();
  expect(shown.warnings.join()).toContain('2026-12-31');
  expect(JSON.stringify(shown)).not.toContain('secret');
  expect(fake.seen).toHaveLength(0);
  await shown.apply();
  expect(changes()).toEqual([['PUT /ccaas/1/account/configuration', { webhookUrl: URL_WANTED }]]);
});

test('an account configuration that is gone is an error', async () => {
  fake.on('PUT /ccaas/1/account/configuration', notFound('configuration', 404));
  const found = await plan({ mode: 'account-configuration' });
  await expect(found.apply()).rejects.toMatchObject({ kind: 'not-found' });
});

test.each([
  ['subscription', 512],
  ['account-configuration', 255],
])('a URL longer than a %s takes (%i) is refused before anything is asked', async (mode, limit) => {
  await expect(plan({ mode }, `https://x/${'a'.repeat(limit)}`)).rejects.toMatchObject({ kind: 'rejected' });
  expect(fake.seen).toHaveLength(0);
});

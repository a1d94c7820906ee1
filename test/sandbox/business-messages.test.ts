import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import { SignJWT, importPKCS8, type JWTPayload } from 'jose';
import {
  createBusinessMessagesSimulator,
  type BotHandoff,
  type BusinessMessagesSimulator,
} from '../../sandbox/business-messages';
import { SEVEN_DAYS_OF_RETRIES } from '../../sandbox/business-messages/webhooks';

const CLIENT_TOKEN = 'client-token';
const CLIENT_EMAIL = 'service@tests.iam.gserviceaccount.com';
const pem = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
};
const keys = generateKeyPairSync('rsa', { modulusLength: 2048, ...pem } as never) as unknown as Keys;
const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2048, ...pem } as never) as unknown as Keys;
interface Keys {
  publicKey: string;
  privateKey: string;
}

/** Whatever an answer holds. */
type Json = ReturnType<typeof JSON.parse>;

const BOT = { representativeType: 'BOT', displayName: 'Hello World Agent' };
const JANE = { representativeType: 'HUMAN', displayName: 'Jane Doe' };
const MARKO = { representativeType: 'HUMAN', displayName: 'Marko' };

let server: Server;
let base: string;
let simulator: BusinessMessagesSimulator;
let received: { body: Json; raw: string; signature: string | undefined }[];
let service: RequestHandler;
let now: number;
let handoffs: BotHandoff[];

beforeEach(async () => {
  [received, handoffs, now] = [[], [], Date.parse('2026-01-01T00:00:00Z')];
  service = (_req, res) => void res.json({});
  const app = express();
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  base = `${root}/business-messages`;
  simulator = createBusinessMessagesSimulator({
    serviceAccount: { clientEmail: CLIENT_EMAIL, publicKey: keys.publicKey },
    clientToken: CLIENT_TOKEN,
    webhookUrl: `${root}/service`,
    retryScheduleMs: [5, 10, 20],
    now: () => now,
    bot: {
      avatarImage: 'https://live.agent/bot.jpg',
      call: (handoff) => {
        handoffs.push(handoff);
        return Promise.resolve();
      },
    },
  });
  app.use('/business-messages', simulator.router);
  app.post('/service', express.raw({ type: () => true }), (req, res, next) => {
    const raw = String(req.body);
    received.push({ raw, body: JSON.parse(raw), signature: req.get('x-goog-signature') });
    void service(req, res, next);
  });
});
afterEach(async () => {
  simulator.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function assertionOf(claims: JWTPayload = {}, key = keys.privateKey): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const scope = 'https://www.googleapis.com/auth/businessmessages';
  const all = { iss: CLIENT_EMAIL, aud: `${base}/token`, scope, iat: seconds, exp: seconds + 3600, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'RS256' }).sign(await importPKCS8(key, 'RS256'));
}

async function askForToken(assertion: string): Promise<{ status: number; body: Json }> {
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
  const answer = await fetch(`${base}/token`, { method: 'POST', body: new URLSearchParams(grant) });
  return { status: answer.status, body: await answer.json() };
}

async function call(path: string, body: unknown, { method = 'POST', token }: { method?: string; token?: string } = {}) {
  const bearer = token ?? (await askForToken(await assertionOf())).body.access_token;
  const answer = await fetch(`${base}/v1/conversations/${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: method === 'GET' ? undefined : JSON.stringify(body),
  });
  const said: Json = await answer.json();
  return { status: answer.status, body: said, word: said.error?.status };
}

async function control(path: string, body?: unknown): Promise<{ status: number; body: Json }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${base}/sandbox/${path}`, { ...init, headers: { 'content-type': 'application/json' } });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5_000; !condition();) {
    if (Date.now() > deadline) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const write = (text = 'Hi, I have a problem') => simulator.endUsers.write({ conversationId: '3333', text });
const message = (messageId: string, representative: object = BOT, more: object = { text: 'Hello' }) =>
  call('3333/messages', { messageId, representative, ...more });
const event = (eventId: string, eventType: string, representative: object = JANE) =>
  call(`3333/events?eventId=${eventId}`, { eventType, representative });

describe('tokens', () => {
  test('are given for an assertion of the service account', async () => {
    expect(await askForToken(await assertionOf())).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 3600 },
    });
  });

  test.each<[string, JWTPayload, string]>([
    ['signed with another key', {}, otherKeys.privateKey],
    ['of another account', { iss: 'somebody@else' }, keys.privateKey],
    ['meant for another endpoint', { aud: 'https://oauth2.googleapis.com/token' }, keys.privateKey],
    ['of yesterday', { iat: 1_000, exp: 4_600 }, keys.privateKey],
    ['for another scope', { scope: 'https://www.googleapis.com/auth/drive' }, keys.privateKey],
  ])('are refused for an assertion %s', async (_what, claims, key) => {
    const { status, body } = await askForToken(await assertionOf(claims, key));
    expect(status).toBe(400);
    expect(body.error).toMatch(/^invalid_(grant|scope)$/);
  });

  test('end after their hour', async () => {
    write();
    const token = (await askForToken(await assertionOf())).body.access_token;
    now += 3_600_000;
    const late = { messageId: '1', text: 'Hello', representative: BOT };
    expect(await call('3333/messages', late, { token })).toMatchObject({ status: 401, word: 'UNAUTHENTICATED' });
  });

  test('are needed for everything', async () => {
    write();
    expect(await call('3333/messages', {}, { token: 'made-up' })).toMatchObject({ status: 401 });
  });
});

describe('the API', () => {
  beforeEach(() => void write());

  test('answers with the name of what it has made', async () => {
    expect(await message('5555')).toMatchObject({
      status: 200,
      body: { messageId: '5555', name: 'conversations/3333/messages/5555' },
    });
    expect(await event('6666', 'REPRESENTATIVE_JOINED')).toMatchObject({
      status: 200,
      body: { eventType: 'REPRESENTATIVE_JOINED', name: 'conversations/3333/events/6666' },
    });
  });

  test('refuses an id that was used before', async () => {
    await message('1');
    expect(await message('1')).toMatchObject({ status: 409, word: 'ALREADY_EXISTS' });
    await event('1', 'REPRESENTATIVE_JOINED');
    expect(await event('1', 'REPRESENTATIVE_LEFT')).toMatchObject({ status: 409, word: 'ALREADY_EXISTS' });
  });

  test('knows no conversation that no end user has begun', async () => {
    const body = { messageId: '1', text: 'Hello', representative: BOT };
    expect(await call('nobody/messages', body)).toMatchObject({ status: 403, word: 'PERMISSION_DENIED' });
  });

  test.each([
    ['no id', { text: 'Hello', representative: BOT }],
    ['no representative', { messageId: '1', text: 'Hello' }],
    ['no content', { messageId: '1', representative: BOT }],
    [
      'two contents',
      { messageId: '1', representative: BOT, text: 'a', image: { contentInfo: { fileUrl: 'http://a' } } },
    ],
    ['a field it does not know', { messageId: '1', representative: BOT, text: 'a', colour: 'red' }],
    [
      'a suggestion of a live agent by a HUMAN',
      { messageId: '1', representative: JANE, text: 'a', suggestions: [{ liveAgentRequest: {} }] },
    ],
  ])('refuses a message with %s', async (_what, body) => {
    expect(await call('3333/messages', body)).toMatchObject({ status: 400, word: 'INVALID_ARGUMENT' });
  });

  const image = (caption: object, more: object = {}) => {
    const media = { height: 'MEDIUM', contentInfo: { fileUrl: 'https://files.example/1.png' } };
    return { richCard: { standaloneCard: { cardContent: { media, ...caption } } }, ...more };
  };
  const replies = (count: number, length = 5) =>
    Array.from({ length: count }, () => ({ reply: { text: '漢'.repeat(length), postbackData: 'p' } }));

  test.each<[string, (length: number) => object, number]>([
    ['characters of text', (length) => ({ text: '😀'.repeat(length) }), 3072],
    ['characters of fallback', (length) => image({ title: 'T' }, { fallback: '漢'.repeat(length) }), 3072],
    ["characters of a card's title", (length) => image({ title: '😀'.repeat(length) }), 200],
    ["characters of a card's description", (length) => image({ description: '漢'.repeat(length) }), 2000],
    ['suggestions below a message', (count) => ({ text: 'a', suggestions: replies(count) }), 13],
    ['suggestions on a card', (count) => image({ title: 'T', suggestions: replies(count) }), 4],
    ["characters of a suggestion's label", (length) => ({ text: 'a', suggestions: replies(1, length) }), 25],
  ])('accepts as many %s as are published, from bot and agent, and not one more', async (_what, body, limit) => {
    await event('joined', 'REPRESENTATIVE_JOINED');
    for (const who of [BOT, JANE]) {
      expect(await message(`${who.displayName} most`, who, body(limit))).toMatchObject({ status: 200 });
      expect(await message(`${who.displayName} more`, who, body(limit + 1))).toMatchObject({
        status: 400,
        body: { error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.any(String) } },
      });
    }
  });

  test('offers a live agent below a message, and not on a card', async () => {
    const suggestions = [{ liveAgentRequest: {} }];
    expect(await message('1', BOT, { text: 'a', suggestions })).toMatchObject({ status: 200 });
    expect(await message('2', BOT, image({ title: 'T', suggestions }))).toMatchObject({ status: 400 });
  });

  test('refuses the pictures it is asked to refuse, in messages and events, and no others', async () => {
    await control('faults', { refusedAvatars: '\\.svg$' });
    const refused = { ...JANE, avatarImage: 'https://live.agent/jane.svg' };
    const [joining, speaking] = [await event('1', 'REPRESENTATIVE_JOINED', refused), await message('2', refused)];
    for (const answer of [joining, speaking]) expect(answer).toMatchObject({ status: 400, word: 'INVALID_ARGUMENT' });
    expect(await event('1', 'REPRESENTATIVE_JOINED', JANE)).toMatchObject({ status: 200 });
    expect(await message('2', { ...JANE, avatarImage: 'https://live.agent/jane.png' })).toMatchObject({ status: 200 });
    await control('faults', { refusedAvatars: null });
    expect(await message('3', refused)).toMatchObject({ status: 200 });
  });

  test('lets nobody read', async () => {
    expect(await call('3333/messages', undefined, { method: 'GET' })).toMatchObject({ status: 404 });
  });

  test('sends one survey a day', async () => {
    const survey = (id: string) => call(`3333/surveys?surveyId=${id}`, {});
    expect(await survey('1')).toMatchObject({ status: 200, body: { name: 'conversations/3333/surveys/1' } });
    expect(await survey('2')).toMatchObject({ status: 429, word: 'RESOURCE_EXHAUSTED' });
    now += 24 * 3_600_000;
    expect(await survey('3')).toMatchObject({ status: 200 });
  });

  test('shows the fallback where the device knows texts alone, and refuses where there is none', async () => {
    simulator.endUsers.write({ conversationId: 'old-phone', text: 'Hi', textOnly: true });
    const image = { representative: BOT, image: { contentInfo: { fileUrl: 'https://files.example/1.png' } } };
    const refused = await call('old-phone/messages', { messageId: '1', ...image });
    expect(refused).toMatchObject({ status: 400, word: 'FAILED_PRECONDITION' });
    expect(await call('old-phone/messages', { messageId: '2', ...image, fallback: 'A plan' })).toMatchObject({
      status: 200,
    });
    expect(simulator.endUsers.conversation('old-phone').timeline.at(-1)).toMatchObject({ shown: 'fallback' });
  });
});

describe('the order of representatives', () => {
  beforeEach(() => void write());

  const breaches = () => simulator.journal.since().filter(({ kind }) => kind === 'breach');

  test('joined, spoken, left, and again by somebody else, is right', async () => {
    const answers = [
      await message('1', BOT),
      await event('2', 'REPRESENTATIVE_JOINED', JANE),
      await message('3', JANE),
      await message('4', BOT),
      await event('5', 'REPRESENTATIVE_LEFT', JANE),
      await event('6', 'REPRESENTATIVE_JOINED', MARKO),
      await message('7', MARKO),
      await event('8', 'REPRESENTATIVE_LEFT', MARKO),
      await message('9', BOT),
    ];
    expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(200));
    expect(breaches()).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, () => Promise<{ status: number; word?: string }>]>([
    ['a human who has not joined', () => message('0'), () => message('1', JANE)],
    ['a human after leaving', joinAndLeave, () => message('1', JANE)],
    ['a human other than the one who joined', () => event('0', 'REPRESENTATIVE_JOINED'), () => message('1', MARKO)],
    ['joining twice', () => event('0', 'REPRESENTATIVE_JOINED'), () => event('1', 'REPRESENTATIVE_JOINED', MARKO)],
    ['leaving twice', joinAndLeave, () => event('1', 'REPRESENTATIVE_LEFT')],
    ['a bot that joins', () => message('0'), () => event('1', 'REPRESENTATIVE_JOINED', BOT)],
  ])('%s is refused, written down, and no part of the conversation', async (_what, before, wrong) => {
    await before();
    const { length } = simulator.endUsers.conversation('3333').timeline;
    expect(await wrong()).toMatchObject({ status: 400, word: 'FAILED_PRECONDITION' });
    expect(breaches()).toHaveLength(1);
    expect(simulator.endUsers.conversation('3333').timeline).toHaveLength(length);
  });

  async function joinAndLeave(): Promise<void> {
    await event('joined', 'REPRESENTATIVE_JOINED');
    await event('left', 'REPRESENTATIVE_LEFT');
  }

  test('who speaks is to be seen', async () => {
    await event('1', 'REPRESENTATIVE_JOINED');
    expect((await control('conversations/3333')).body.representative).toEqual(JANE);
    await event('2', 'REPRESENTATIVE_LEFT');
    expect((await control('conversations/3333')).body.representative).toEqual({ representativeType: 'BOT' });
  });
});

describe('webhooks', () => {
  test('carry all that is published, signed over their bytes', async () => {
    await control('messages', { conversationId: '3333', text: 'Hello', name: 'Ana', locale: 'hr' });
    await until(() => received.length === 1);
    const [{ body, raw, signature }] = received as [(typeof received)[0]];
    expect(signature).toBe(createHmac('sha512', CLIENT_TOKEN).update(raw).digest('base64'));
    expect(body).toEqual({
      agent: 'brands/1111/agents/2222',
      conversationId: '3333',
      customAgentId: 'live-agent-handoff',
      requestId: expect.any(String),
      message: {
        messageId: expect.any(String),
        name: expect.stringMatching(/^conversations\/3333\/messages\//),
        text: 'Hello',
        createTime: '2026-01-01T00:00:00.000000000Z',
      },
      context: {
        entryPoint: 'PLACESHEET',
        userInfo: { displayName: 'Ana', userDeviceLocale: 'hr' },
        resolvedLocale: 'hr',
      },
      sendTime: '2026-01-01T00:00:00.000000000Z',
    });
  });

  test('carry the place a message comes from, and the answer that the platform gave', async () => {
    await control('messages', { conversationId: '3333', text: 'Open?', placeId: 'p1', faqAnswer: 'At nine.' });
    await control('messages', { conversationId: '3333', text: 'Thanks', nearPlaceId: 'p2' });
    await until(() => received.length === 2);
    const [asked, thanked] = [received[0]!.body, received[1]!.body];
    expect(asked).toMatchObject({
      context: { placeId: 'p1' },
      dialogflowResponse: {
        queryText: 'Open?',
        autoResponded: true,
        faqResponse: { answers: [{ faqAnswer: 'At nine.' }] },
      },
    });
    expect(thanked.context).toMatchObject({ entryPoint: 'PLACESHEET', nearPlaceId: 'p2' });
    expect(thanked.context).not.toHaveProperty('placeId');
    expect(thanked).not.toHaveProperty('dialogflowResponse');
  });

  test('tell of typing, of a wish for an agent, of a tapped suggestion and of reading', async () => {
    write();
    await message('5', BOT, { text: 'Sure?', suggestions: [{ reply: { text: 'Yes', postbackData: 'y' } }] });
    await control('typing', { conversationId: '3333' });
    await control('read', { conversationId: '3333' });
    await control('suggestion', { conversationId: '3333', text: 'Yes' });
    await control('request-live-agent', { conversationId: '3333' });
    await until(() => received.length === 5);
    const [, typing, read, tapped, asked] = received;
    expect(typing?.body.userStatus).toMatchObject({ isTyping: 'true' });
    expect(read?.body.receipts.receipts).toEqual([{ message: 'conversations/3333/messages/5', receiptType: 'READ' }]);
    expect(read?.body).not.toHaveProperty('requestId');
    expect(tapped?.body.suggestionResponse).toMatchObject({
      message: 'conversations/3333/messages/5',
      postbackData: 'y',
    });
    expect(asked?.body.userStatus).toMatchObject({ requestedLiveAgent: true });
  });

  test('are tried again until they are taken, as they were', async () => {
    service = (_req, res) => void res.status(received.length < 3 ? 503 : 200).end();
    write();
    await until(() => received.length === 3);
    expect(new Set(received.map(({ raw }) => raw)).size).toBe(1);
  });

  test('that meet a redirection have not arrived', async () => {
    service = (_req, res) => void (received.length < 2 ? res.redirect('/elsewhere') : res.json({}));
    write();
    await until(() => received.length === 2);
  });

  test('are tried for seven days, with pauses that grow', () => {
    const days = SEVEN_DAYS_OF_RETRIES.reduce((sum, pause) => sum + pause, 0) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(7);
    expect(days).toBeLessThan(7.01);
    expect(SEVEN_DAYS_OF_RETRIES).toEqual([...SEVEN_DAYS_OF_RETRIES].sort((a, b) => a - b));
  });

  test('come twice, or never, where that is asked for', async () => {
    await control('faults', { webhooks: { delivery: 'twice' } });
    write();
    await until(() => received.length === 2);
    await control('faults', { webhooks: { delivery: 'never' } });
    write('lost');
    await control('faults', { webhooks: { delivery: 'normal' } });
    write('arrives');
    await until(() => received.length === 3);
    expect(received[2]?.body.message.text).toBe('arrives');
  });

  test('begin with a handshake, which is passed by who answers with the secret', async () => {
    service = (_req, res) => void res.type('text/plain').send(received.at(-1)?.body.secret);
    expect((await control('handshake', {})).body).toEqual({ verified: true });
    expect(received[0]?.body.clientToken).toBe(CLIENT_TOKEN);
    service = (_req, res) => void res.json({});
    expect((await control('handshake', {})).body).toEqual({ verified: false });
  });
});

describe('the bot', () => {
  /** The service outside a handoff: it passes everything on. */
  beforeEach(() => {
    service = async (req, res) => {
      const headers = { 'x-goog-signature': req.get('x-goog-signature') ?? '' };
      const answer = await fetch(`${base}/bot`, { method: 'POST', headers, body: req.body as Buffer });
      res.status(answer.status).end();
    };
  });

  const saidBy = (type: string) =>
    simulator.endUsers
      .conversation('3333')
      .timeline.filter((entry) => entry.kind === 'agent-message' && entry.representative.representativeType === type);

  test('answers as BOT what is passed on to it, once', async () => {
    simulator.faults.set({ webhooks: { delivery: 'twice', delayMs: 0 } });
    write('hello');
    const delivered = () => simulator.journal.since().filter(({ outcome }) => outcome === 'delivered');
    await until(() => delivered().length === 2);
    expect(saidBy('BOT')).toHaveLength(1);
    expect(handoffs).toEqual([]);
  });

  test('hands over with all it has seen, since nobody can read it later', async () => {
    write('hello');
    await until(() => saidBy('BOT').length === 1);
    write('I have a problem');
    await until(() => saidBy('BOT').length === 2);
    expect(handoffs).toMatchObject([
      {
        conversationId: '3333',
        language: 'en',
        customer: { name: 'Michael' },
        attributes: { entryPoint: 'PLACESHEET' },
        history: [
          { author: 'end-user', text: 'hello' },
          { author: 'bot' },
          { author: 'end-user', text: 'I have a problem' },
        ],
      },
    ]);
  });

  test('is in the journal with all it says, and with what the API does not let it say', async () => {
    const spoken = () => simulator.journal.since().filter(({ kind }) => kind === 'bot');
    write('hello');
    await until(() => spoken().length === 1);
    simulator.faults.set({ refusedAvatars: 'bot' });
    write('hours');
    await until(() => spoken().length === 2);
    expect(spoken()).toMatchObject([
      { conversationId: '3333', message: { text: 'Hello! What can I do for you?' } },
      { conversationId: '3333', refused: expect.stringContaining('avatarImage') },
    ]);
    expect(saidBy('BOT')).toHaveLength(1);
  });

  test('does not accept what is not signed', async () => {
    write('hello');
    await until(() => saidBy('BOT').length === 1);
    const answer = await fetch(`${base}/bot`, { method: 'POST', body: received[0]?.raw });
    expect(answer.status).toBe(401);
  });
});

describe('controls', () => {
  test('say what is wrong with their input', async () => {
    expect(await control('messages', { text: '' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^text: /) },
    });
    expect(await control('typing', {})).toMatchObject({ status: 400 });
    expect(await control('typing', { conversationId: 'nobody' })).toMatchObject({ status: 404 });
    expect(await control('conversations/nobody')).toMatchObject({ status: 404 });
    write();
    expect(await control('suggestion', { conversationId: '3333', text: 'Never offered' })).toMatchObject({
      status: 404,
    });
  });

  test.each([
    [404, 'NOT_FOUND'],
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
  ])('let the next call fail with %i in the platform’s own words', async (status, word) => {
    write();
    await control('faults', { api: { next: [{ match: '/messages$', answer: status, retryAfter: 3 }] } });
    expect(await message('1')).toMatchObject({ status, word });
    expect(await message('1')).toMatchObject({ status: 200 });
  });

  test("let a proxy's page come instead of the platform's answer", async () => {
    write();
    const token = (await askForToken(await assertionOf())).body.access_token;
    await control('faults', { api: { next: [{ match: '/messages$', answer: 'proxy-404' }] } });
    const answer = await fetch(`${base}/v1/conversations/3333/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  });

  test('keep what a call has done where its connection breaks afterwards', async () => {
    write();
    await control('faults', { api: { next: [{ match: '/messages$', answer: 'timeout-after-effect' }] } });
    await expect(message('1')).rejects.toThrow();
    expect(await message('1')).toMatchObject({ status: 409, word: 'ALREADY_EXISTS' });
  });

  test('say what is wrong with a fault', async () => {
    expect(await control('faults', { refusedAvatars: '(' })).toMatchObject({ status: 400 });
    expect(await control('faults', { api: { next: [{ answer: 418 }] } })).toMatchObject({ status: 400 });
  });

  test('show all that went on: tokens, requests, faults and breaches, and no assertion', async () => {
    write();
    await control('faults', { api: { next: [{ answer: 500 }] } });
    await message('1');
    await message('2', JANE);
    await askForToken('made-up');
    const { entries } = (await control('journal')).body as { entries: { kind: string }[] };
    const seen = entries.filter(({ kind }) => kind !== 'webhook');
    expect(seen).toMatchObject([
      { kind: 'token', status: 200 },
      { kind: 'fault', method: 'POST', answer: 500 },
      { kind: 'request', status: 500, answered: true },
      { kind: 'token', status: 200 },
      { kind: 'breach' },
      { kind: 'request', status: 400, request: { messageId: '2' } },
      { kind: 'token', status: 400, error: 'invalid_grant' },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/assertion|made-up/);
  });

  test('forget everything', async () => {
    write();
    await message('1');
    await control('reset', {});
    expect((await control('conversations')).body).toEqual({ conversations: [] });
    expect((await control('journal')).body).toEqual({ entries: [] });
  });
});

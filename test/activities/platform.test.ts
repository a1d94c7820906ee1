import { platformActivities } from '../../activities/platform';
import type { SayRequest } from '../../activities/requests';
import type { OutgoingMessage, Platform } from '../../connectors/platform';
import { VendorError } from '../../connectors/shared/errors';
import { boundedId } from '../../domain/bounded-event';
import type { TranscriptEntry } from '../../domain/transcript';
import { activityEnvironment, failureOf, fakeClock, fakeDeps, runActivity } from '../support/activities';
import { fakeTemporal } from '../support/fake-temporal';

const CONVERSATION = { account: 'main', conversationId: 'conv' };
const AT = '2026-01-01T00:00:00.000Z';
const entry = (id: string, rest: Partial<TranscriptEntry> = {}): TranscriptEntry => ({
  id,
  at: AT,
  author: 'end-user',
  content: { kind: 'text', text: id },
  ...rest,
});
const activitiesOf = (platform: Partial<Platform>, client?: unknown) =>
  platformActivities(fakeDeps({ platform, client }));
const refusing = (kind: VendorError['kind']) => () => Promise.reject(new VendorError(kind, 'no'));

beforeEach(fakeClock);
afterEach(() => jest.useRealTimers());

/** Lets pauses between questions pass at once. */
async function inNoTime<A>(answer: Promise<A>): Promise<A> {
  answer.catch(() => undefined);
  await jest.advanceTimersByTimeAsync(60_000);
  return answer;
}

describe('gathering', () => {
  test('answers with what the conversation says of itself, and the ids of its latest 1,000 messages', async () => {
    const read = jest.fn(() =>
      Promise.resolve({ entries: [entry('1'), entry('x'.repeat(300)), { ...entry('3'), id: undefined }] }),
    );
    const readContext = () => Promise.resolve({ tags: ['t'.repeat(300)], attributes: { a: 'b' } });
    const { gather } = activitiesOf({ history: { read, readsPerSecond: 8 }, readContext });
    expect(await runActivity(gather, CONVERSATION)).toEqual({
      tags: ['t'.repeat(200)],
      attributes: { a: 'b' },
      messageIds: ['1', boundedId('x'.repeat(300))],
    });
    expect(read).toHaveBeenCalledWith('conv', { limit: 1_000 });
  });

  test('does without messages where the platform cannot be read', async () => {
    expect(await runActivity(activitiesOf({}).gather, CONVERSATION)).toEqual({
      tags: [],
      attributes: {},
      messageIds: [],
    });
  });

  test('of a conversation that is not found says so at once: whether that is true is asked elsewhere', async () => {
    const failure = await failureOf(
      runActivity(activitiesOf({ readContext: refusing('not-found') }).gather, CONVERSATION),
    );
    expect(failure).toMatchObject({ type: 'not-found', nonRetryable: true });
  });
});

describe('a text of our own', () => {
  function saying(change: Partial<SayRequest> = {}) {
    const send = jest.fn((_message: OutgoingMessage) => Promise.resolve({ platformId: 'p1' }));
    const request = {
      ...CONVERSATION,
      knownIds: ['p0'],
      messageId: 'h/say/1',
      template: 'Hello',
      params: {},
      ...change,
    };
    return { send, answer: runActivity(activitiesOf({ send }).say, request) };
  }

  test('is said as the bot, with its parameters in the language of the end user', async () => {
    const { send, answer } = saying({
      template: '{agent} ist da: {agent}',
      language: 'de_AT',
      params: { agent: "Ana {x} 'y'" },
    });
    expect(await answer).toEqual({ platformId: 'p1' });
    expect(send.mock.calls[0]![0]).toMatchObject({
      messageId: 'h/say/1',
      representative: { type: 'BOT' },
      content: { kind: 'text', text: "Ana {x} 'y' ist da: Ana {x} 'y'" },
      readBack: undefined,
    });
  });

  test('is looked for first where it may have been said', async () => {
    const { send, answer } = saying({ sentSince: AT });
    await answer;
    expect(send.mock.calls[0]![0].readBack).toEqual({ since: AT, knownIds: ['p0'] });
  });

  test.each([undefined, 'klingon!', ''])('is said whatever the language is called: %p', async (language) => {
    expect(await saying({ language }).answer).toEqual({ platformId: 'p1' });
  });

  test.each(['{agent', '{other}'])(
    'that cannot be formatted is refused: it holds up nothing behind it (%s)',
    async (template) => {
      const { send, answer } = saying({ template });
      expect(await failureOf(answer)).toMatchObject({ type: 'rejected', nonRetryable: true });
      expect(send).not.toHaveBeenCalled();
    },
  );
});

test('an agent who comes or goes is shown with an id that stays the same, where the platform can show it', async () => {
  const representatives = { joined: jest.fn(() => Promise.resolve()), left: jest.fn(() => Promise.resolve()) };
  const request = { ...CONVERSATION, eventId: 'h/left/3', change: 'left' as const, agent: { name: 'Ana' } };
  await runActivity(activitiesOf({ representatives }).announce, request);
  expect(representatives.left).toHaveBeenCalledWith({
    conversationId: 'conv',
    eventId: 'h/left/3',
    agent: { name: 'Ana' },
  });
  expect(representatives.joined).not.toHaveBeenCalled();
  await runActivity(activitiesOf({}).announce, request);
});

test('the case is noted on the conversation', async () => {
  const link = jest.fn(() => Promise.resolve());
  const of = { handoffId: 'handoff:main:conv', contactCenter: 'desk', case: { id: 'case-1' } };
  await runActivity(activitiesOf({ link }).link, { ...CONVERSATION, ...of, caseKey: 'k' });
  expect(link).toHaveBeenCalledWith('conv', of);
});

describe('reading what was missed', () => {
  const HANDOFF = 'handoff:main:conv';
  const request = { ...CONVERSATION, handoffId: HANDOFF, since: AT };
  const missed = (entries: TranscriptEntry[], seen: string[] = []) => {
    const temporal = fakeTemporal([HANDOFF]);
    temporal.hasSeen(HANDOFF, ...seen);
    const read = jest.fn(() => Promise.resolve({ entries }));
    return {
      read,
      answer: runActivity(activitiesOf({ history: { read, readsPerSecond: 8 } }, temporal.client).readMissed, request),
    };
  };

  test("finds the end user's messages that the handoff has not seen, in order", async () => {
    const entries = [
      entry('1'),
      entry('2', { author: 'bot' }),
      entry('3', { name: 'Ivo' }),
      entry('4', { author: 'agent' }),
      { ...entry('5'), id: undefined },
    ];
    const { read, answer } = missed(entries, ['p:1']);
    expect(await answer).toEqual({
      messages: [{ id: '3', at: AT, author: 'Ivo', content: { kind: 'text', text: '3' } }],
      more: false,
    });
    expect(read).toHaveBeenCalledWith('conv', { since: AT });
  });

  test('answers with as many as one answer may carry, and says that there are more', async () => {
    const { messages, more } = await missed(Array.from({ length: 250 }, (_, i) => entry(String(i)))).answer;
    expect([messages.length, messages[0]!.id, more]).toEqual([100, '0', true]);
  });

  test('finds a message that is too long as one that is omitted', async () => {
    const { messages } = await missed([entry('1', { content: { kind: 'text', text: 'x'.repeat(70_000) } })]).answer;
    expect(messages[0]!.content).toEqual({ kind: 'omitted', bytes: 70_000 });
  });

  test('finds nothing where the platform cannot be read', async () => {
    const { readMissed } = activitiesOf({}, fakeTemporal([HANDOFF]).client);
    expect(await runActivity(readMissed, request)).toEqual({ messages: [], more: false });
  });
});

describe('whether the conversation is over', () => {
  const check = (isClosed: Platform['isClosed']) =>
    inNoTime(activityEnvironment().run(activitiesOf({ isClosed }).checkConversation, CONVERSATION));

  test.each([
    [true, 'closed'],
    [false, 'open'],
  ])('is what the platform itself says: %p is %s', async (is, status) => {
    expect(await check(() => Promise.resolve(is))).toEqual({ status });
  });

  test('is not decided by one false "not found"', async () => {
    const isClosed = jest.fn().mockRejectedValueOnce(new VendorError('not-found', 'no')).mockResolvedValue(false);
    expect(await check(isClosed)).toEqual({ status: 'open' });
  });

  test('is so where the platform does not know the conversation, three times in a row', async () => {
    const isClosed = jest.fn(refusing('not-found'));
    expect(await check(isClosed)).toEqual({ status: 'not-found' });
    expect(isClosed).toHaveBeenCalledTimes(3);
  });
});

describe('closing the conversation', () => {
  const close = (platform: Pick<Platform, 'close' | 'isClosed'>) =>
    inNoTime(activityEnvironment().run(activitiesOf(platform).closeConversation, CONVERSATION));
  const accepted = () => Promise.resolve();
  const isClosed = () => Promise.resolve(true);

  test('is done once the platform itself reports it as closed', async () => {
    expect(await close({ close: accepted, isClosed })).toEqual({ status: 'closed' });
  });

  test('is tried again where the platform took the request and the conversation is still open', async () => {
    const failure = await failureOf(close({ close: accepted, isClosed: () => Promise.resolve(false) }));
    expect(failure).toMatchObject({
      type: 'unavailable',
      message: expect.stringContaining('reports the conversation as open'),
    });
    expect(failure.nonRetryable).toBeFalsy();
  });

  test.each(['rejected', 'unsupported', 'case-closed'] as const)(
    'is tried again whatever the platform calls its refusal: %s',
    async (kind) => {
      const failure = await failureOf(close({ close: refusing(kind), isClosed }));
      expect(failure).toMatchObject({ type: 'unavailable' });
      expect(failure.nonRetryable).toBeFalsy();
    },
  );

  test.each(['not-found', 'conversation-closed'] as const)('that is refused as %s is verified', async (kind) => {
    expect(await close({ close: refusing(kind), isClosed })).toEqual({ status: 'closed' });
    const failure = await failureOf(close({ close: refusing(kind), isClosed: () => Promise.resolve(false) }));
    expect(failure.nonRetryable).toBeFalsy();
  });

  test('of a conversation that does not exist needs none', async () => {
    expect(await close({ close: refusing('not-found'), isClosed: refusing('not-found') })).toEqual({
      status: 'not-found',
    });
  });
});

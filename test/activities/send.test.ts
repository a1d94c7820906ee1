import { platformActivities } from '../../activities/platform';
import type { SendRequest } from '../../activities/requests';
import type { OutgoingMessage } from '../../connectors/platform';
import { VendorError } from '../../connectors/shared/errors';
import type { MessageContent } from '../../domain/message';
import { failureOf, fakeDeps, runActivity, type Attempt, type Fakes } from '../support/activities';

const text = (words: string): MessageContent => ({ kind: 'text', text: words });
const message = (id: string, content: MessageContent | undefined = text(`out ${id}`)) => ({
  id,
  messageId: `h/out/${id}`,
  content,
});

function request(messages: SendRequest['messages'], change: Partial<SendRequest> = {}): SendRequest {
  return {
    account: 'main',
    conversationId: 'conv',
    knownIds: ['p-known'],
    representative: { type: 'HUMAN', agent: { name: 'Ana' } },
    contactCenter: 'desk',
    case: { id: 'case' },
    messages,
    partsSent: 0,
    textLimit: 20,
    ...change,
  };
}

/** Sends, and keeps what reached the platform. `refuse` names the message ids that it refuses, and as what. */
function platformWith(fakes: Fakes = {}, refuse: Record<string, VendorError> = {}) {
  const sent: OutgoingMessage[] = [];
  const send = (one: OutgoingMessage) => {
    const error = refuse[one.messageId];
    if (error) return Promise.reject(error);
    sent.push(one);
    return Promise.resolve({ platformId: `p-${one.messageId}` });
  };
  const { send: run } = platformActivities(fakeDeps({ ...fakes, platform: { send } }));
  return { sent, run: (of: SendRequest, attempt?: Attempt) => runActivity(run, of, attempt) };
}

const textOf = ({ content }: OutgoingMessage) => (content.kind === 'text' ? content.text : content.kind);

test('messages go out in order, each with an id of ours that stays the same', async () => {
  const { sent, run } = platformWith();
  const answer = await run(request([message('1'), message('2')], { replyTo: { to: '385' } }));
  expect(answer).toEqual([
    { id: '1', platformId: 'p-h/out/1', isLast: true },
    { id: '2', platformId: 'p-h/out/2', isLast: true },
  ]);
  expect(sent[0]).toEqual({
    conversationId: 'conv',
    messageId: 'h/out/1',
    representative: { type: 'HUMAN', agent: { name: 'Ana' } },
    replyTo: { to: '385' },
    content: text('out 1'),
    readBack: undefined,
  });
});

test('a text too long for the platform goes out in parts, in order, and loses nothing', async () => {
  const { sent, run } = platformWith();
  const long = 'one two three four five six seven eight nine ten';
  const answer = await run(request([message('1', text(long)), message('2')]));
  expect(sent.slice(0, -1).map(textOf).join('')).toBe(long);
  expect(sent.map(({ messageId }) => messageId)).toEqual(['h/out/1/1', 'h/out/1/2', 'h/out/1/3', 'h/out/2']);
  expect(answer.map(({ id, isLast }) => `${id} ${isLast}`)).toEqual(['1 false', '1 false', '1 true', '2 true']);
});

describe('another attempt', () => {
  const done = [{ id: '1', platformId: 'p-h/out/1', isLast: true }];

  test('goes on behind what is out', async () => {
    const { sent, run } = platformWith();
    const attempt = { attempt: 2, heartbeatDetails: { done, cleanAttempt: 1 } };
    const answer = await run(request([message('1'), message('2')]), attempt);
    expect(sent.map(({ messageId }) => messageId)).toEqual(['h/out/2']);
    expect(answer.map(({ id }) => id)).toEqual(['1', '2']);
  });

  test('reads nothing back where the one before it certainly had no effect', async () => {
    const { sent, run } = platformWith();
    await run(request([message('1'), message('2')]), { attempt: 2, heartbeatDetails: { done, cleanAttempt: 1 } });
    expect(sent[0]!.readBack).toBeUndefined();
  });

  test('reads back where it is in doubt: since the activity was scheduled, and nothing that is another message', async () => {
    const { sent, run } = platformWith();
    const scheduledTimestampMs = Date.parse('2026-01-01T10:00:00.000Z');
    await run(request([message('1'), message('2')]), { attempt: 2, heartbeatDetails: { done }, scheduledTimestampMs });
    expect(sent[0]!.readBack).toEqual({ since: '2026-01-01T10:00:00.000Z', knownIds: ['p-known', 'p-h/out/1'] });
  });

  test('of another activity reads back since its first attempt', async () => {
    const { sent, run } = platformWith();
    await run(request([message('1')], { sentSince: '2026-01-01T09:00:00.000Z' }));
    expect(sent[0]!.readBack).toEqual({ since: '2026-01-01T09:00:00.000Z', knownIds: ['p-known'] });
  });

  test('of another activity goes on behind the parts that are out, whose ids stay the same', async () => {
    const { sent, run } = platformWith();
    await run(request([message('1', text('one two three four five six seven'))], { partsSent: 1 }));
    expect(sent.map(({ messageId }) => messageId)).toEqual(['h/out/1/2']);
  });
});

test('a refusal says what was sent before it', async () => {
  const { run, sent } = platformWith({}, { 'h/out/2': new VendorError('rejected', 'no') });
  const failure = await failureOf(run(request([message('1'), message('2'), message('3')])));
  expect(failure).toMatchObject({ type: 'rejected', nonRetryable: true });
  expect(failure.details).toEqual([[{ id: '1', platformId: 'p-h/out/1', isLast: true }]]);
  expect(sent).toHaveLength(1);
});

describe('a message that was kept by reference', () => {
  const reference = (id: string) => ({ id, messageId: `h/out/${id}` });
  const at = '2026-01-01T00:00:00.000Z';
  const agentMessages = {
    read: jest.fn((_ref: unknown, ids: string[]) =>
      Promise.resolve(
        ids
          .filter((id) => id !== 'gone')
          .map((id) => ({ id, at, agent: { name: 'Ana' }, content: text(`read ${id}`) })),
      ),
    ),
  };

  test('is read again from its case', async () => {
    const { sent, run } = platformWith({ desk: { agentMessages } });
    await run(request([message('1'), reference('2')]));
    expect(agentMessages.read).toHaveBeenCalledWith({ id: 'case' }, ['2']);
    expect(sent.map(textOf)).toEqual(['out 1', 'read 2']);
  });

  test('and is gone is refused alone: those before it are sent', async () => {
    const { sent, run } = platformWith({ desk: { agentMessages } });
    const failure = await failureOf(run(request([message('1'), reference('gone'), message('3')])));
    expect(failure).toMatchObject({ type: 'rejected', details: [[{ id: '1' }]] });
    expect(sent.map(textOf)).toEqual(['out 1']);
  });
});

describe("an agent's file", () => {
  const file: MessageContent = { kind: 'file', media: 'image', source: { contactCenterFile: 'f1' }, name: 'a.png' };

  test("becomes a link that the end user's side can open", async () => {
    const fileUrl = jest.fn(() => Promise.resolve('https://handoff.example.com/media/x'));
    const { sent, run } = platformWith({ fileUrl });
    await run(request([message('1', file)]));
    expect(fileUrl).toHaveBeenCalledWith({ account: 'main', contactCenter: 'desk', file: 'f1', name: 'a.png' });
    expect(sent[0]!.content).toEqual({ ...file, source: { url: 'https://handoff.example.com/media/x' } });
  });

  test('cannot be sent where nobody outside can reach us, and the error says which setting is missing', async () => {
    const { run } = platformWith();
    const failure = await failureOf(run(request([message('1', file)])));
    expect(failure).toMatchObject({ type: 'unsupported', message: expect.stringContaining('api.publicUrl') });
  });

  test('that has a link already keeps it', async () => {
    const { sent, run } = platformWith();
    const linked: MessageContent = { ...file, source: { url: 'https://example.com/a.png' } };
    await run(request([message('1', linked)]));
    expect(sent[0]!.content).toEqual(linked);
  });
});

test('an account that the settings do not have is waited for', async () => {
  const { run } = platformWith();
  const failure = await failureOf(run(request([message('1')], { account: 'other' })));
  expect(failure).toMatchObject({ type: 'unknown-account', message: expect.stringContaining("'other'") });
  expect(failure.nonRetryable).toBeFalsy();
});

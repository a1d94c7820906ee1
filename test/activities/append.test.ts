import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { contactCenterActivities } from '../../activities/contact-center';
import type { AppendRequest } from '../../activities/requests';
import type { CaseMessage, ContactCenter } from '../../connectors/contact-center';
import type { HistoryQuery, Platform } from '../../connectors/platform';
import { VendorError } from '../../connectors/shared/errors';
import type { StoredFile } from '../../connectors/shared/files';
import { boundedId } from '../../domain/bounded-event';
import type { MessageContent } from '../../domain/message';
import type { TranscriptEntry } from '../../domain/transcript';
import { failureOf, fakeContactCenter, fakeDeps, runActivity, type Attempt } from '../support/activities';

const AT = '2026-01-01T10:00:00.000Z';
const text = (words: string): MessageContent => ({ kind: 'text', text: words });
const message = (id: string, content: MessageContent | undefined = text(`in ${id}`)) => ({ id, at: AT, content });
const reference = (id: string) => ({ id, at: AT });
const photo = (name: string): MessageContent => ({
  kind: 'file',
  media: 'image',
  source: { url: `https://platform.example.com/${name}` },
  name,
});

function request(messages: AppendRequest['messages'], change: Partial<AppendRequest> = {}): AppendRequest {
  const of = { account: 'main', conversationId: 'conv', contactCenter: 'desk', case: { id: 'case' } };
  return { ...of, messages, author: 'Ivo', again: false, ...change };
}

/** A desk that keeps what is appended, and refuses each call with the message `bad` in it. */
function deskWith(change: Partial<ContactCenter> = {}, platform: Partial<Platform> = {}, there: string[] = []) {
  const calls: CaseMessage[][] = [];
  const findAppended = jest.fn((_ref: unknown, ids: string[]) =>
    Promise.resolve(ids.filter((id) => there.includes(id))),
  );
  const append = (_ref: unknown, messages: CaseMessage[]) => {
    if (messages.some(({ id }) => id === 'bad')) return Promise.reject(new VendorError('rejected', 'no'));
    calls.push(messages);
    return Promise.resolve();
  };
  const { append: run } = contactCenterActivities(fakeDeps({ desk: { append, findAppended, ...change }, platform }));
  return {
    calls,
    findAppended,
    ids: () => calls.map((messages) => messages.map(({ id }) => id)),
    run: (of: AppendRequest, attempt?: Attempt) => runActivity(run, of, attempt),
  };
}

const limits = (messages: number, bytes: number) => ({
  capabilities: {
    ...fakeContactCenter().capabilities,
    append: { ...fakeContactCenter().capabilities.append, messages, bytes },
  },
});

describe('messages', () => {
  test('travel in as few calls as the contact center allows, in order', async () => {
    const { ids, run } = deskWith();
    const answer = await run(request(['1', '2', '3', '4', '5', '6', '7'].map((id) => message(id))));
    expect(ids()).toEqual([['1', '2', '3'], ['4', '5', '6'], ['7']]);
    expect(answer).toEqual({ appended: ['1', '2', '3', '4', '5', '6', '7'] });
  });

  test('travel within its bytes; one that exceeds them alone is for the vendor to refuse', async () => {
    const { ids, run } = deskWith(limits(10, 1_500));
    const long = text('語'.repeat(150));
    await run(
      request([
        message('1', long),
        message('2', long),
        message('3', long),
        message('4', text('x'.repeat(2_000))),
        message('5'),
      ]),
    );
    expect(ids()).toEqual([['1', '2'], ['3'], ['4'], ['5']]);
  });

  test("carry the message's author, else the end user's name", async () => {
    const { calls, run } = deskWith();
    await run(request([{ ...message('1'), author: 'Mia' }, message('2')]));
    expect(calls[0]).toEqual([
      { id: '1', at: AT, author: 'Mia', content: text('in 1') },
      { id: '2', at: AT, author: 'Ivo', content: text('in 2') },
    ]);
  });
});

describe('a bad message', () => {
  test('among good ones does not take them with it', async () => {
    const { ids, run } = deskWith();
    const failure = await failureOf(run(request([message('1'), message('bad'), message('3')])));
    expect(ids()).toEqual([['1']]);
    expect(failure).toMatchObject({ type: 'rejected', nonRetryable: true, details: [['1']] });
  });

  test('behind a group that was taken leaves that in peace', async () => {
    const { ids, run } = deskWith();
    const all = [message('1'), message('2'), message('3'), message('4'), message('bad')];
    const failure = await failureOf(run(request(all)));
    expect(ids()).toEqual([['1', '2', '3'], ['4']]);
    expect(failure.details).toEqual([['1', '2', '3', '4']]);
  });
});

test.each(['not-found', 'case-closed', 'rate-limited', 'ambiguous'] as const)(
  'a refusal that is not about a message (%s) is not tried message by message',
  async (kind) => {
    const append = jest.fn(() => Promise.reject(new VendorError(kind, 'no')));
    const { run } = deskWith({ append });
    expect(await failureOf(run(request([message('1'), message('2')])))).toMatchObject({ type: kind });
    expect(append).toHaveBeenCalledTimes(1);
  },
);

describe('another attempt', () => {
  test('reads back where it is in doubt, and appends only what is not there, in order', async () => {
    const { ids, findAppended, run } = deskWith({}, {}, ['2']);
    const attempt = { attempt: 2, heartbeatDetails: { done: ['1'] } };
    const answer = await run(request([message('1'), message('2'), message('3'), message('4')]), attempt);
    expect(findAppended).toHaveBeenCalledWith({ id: 'case' }, ['2', '3', '4']);
    expect(ids()).toEqual([['3', '4']]);
    expect(answer).toEqual({ appended: ['1', '2', '3', '4'] });
  });

  test('reads nothing back after one that certainly had no effect', async () => {
    const { ids, findAppended, run } = deskWith();
    await run(request([message('1'), message('2')]), {
      attempt: 2,
      heartbeatDetails: { done: ['1'], cleanAttempt: 1 },
    });
    expect(findAppended).not.toHaveBeenCalled();
    expect(ids()).toEqual([['2']]);
  });

  test('of another activity reads back', async () => {
    const { ids, run } = deskWith({}, {}, ['1', '2']);
    expect(await run(request([message('1'), message('2')], { again: true }))).toEqual({ appended: ['1', '2'] });
    expect(ids()).toEqual([]);
  });
});

describe('messages that were kept by reference', () => {
  const entry = (id: string): TranscriptEntry => ({ id, at: AT, author: 'end-user', content: text(`read ${id}`) });
  const long = 'x'.repeat(300);
  const read = jest.fn((_id: string, _query: HistoryQuery) => Promise.resolve({ entries: [entry('2'), entry(long)] }));
  afterEach(() => read.mockClear());

  test('are read again from the platform, in one go, from a little before the oldest', async () => {
    const { calls, run } = deskWith({}, { history: { read, readsPerSecond: 8 } });
    await run(request([message('1'), reference('2'), reference(boundedId(long))]));
    expect(read.mock.calls).toEqual([['conv', { since: '2026-01-01T09:58:00.000Z' }]]);
    expect(calls.flat().map(({ content }) => (content as { text: string }).text)).toEqual([
      'in 1',
      'read 2',
      `read ${long}`,
    ]);
  });

  test('and are gone are refused alone: those before them are appended', async () => {
    const { ids, run } = deskWith({}, { history: { read, readsPerSecond: 8 } });
    const failure = await failureOf(run(request([message('1'), reference('gone'), message('3')])));
    expect(failure).toMatchObject({ type: 'rejected', details: [['1']] });
    expect(ids()).toEqual([['1']]);
  });

  test('are read only where there are any', async () => {
    await deskWith({}, { history: { read, readsPerSecond: 8 } }).run(request([message('1')]));
    expect(read).not.toHaveBeenCalled();
  });
});

describe("an end user's file", () => {
  const stream = (bytes: number, size?: number) => ({
    name: 'a.png',
    mimeType: 'image/png',
    size,
    stream: Readable.from([Buffer.alloc(bytes)]),
  });

  test('travels with its bytes, which can be read again for as long as the call takes', async () => {
    const open = jest.fn(() => Promise.resolve(stream(5)));
    const contents: Buffer[] = [];
    let sent: StoredFile | undefined;
    const append = async (_: object, [message]: CaseMessage[]) => {
      sent = message!.file;
      for (let i = 0; i < 2; i++) contents.push(await buffer(sent!.open()));
    };
    const { run } = deskWith({ append }, { files: { open } });
    await run(request([message('1', photo('a.png'))]));
    expect(open).toHaveBeenCalledWith('https://platform.example.com/a.png');
    expect(sent).toMatchObject({ name: 'a.png', mimeType: 'image/png', size: 5 });
    expect(contents).toEqual([Buffer.alloc(5), Buffer.alloc(5)]);
    await expect(buffer(sent!.open())).rejects.toThrow();
  });

  test('travels alone', async () => {
    const { ids, run } = deskWith({}, { files: { open: () => Promise.resolve(stream(5)) } });
    await run(request([message('1'), message('2', photo('a.png')), message('3', photo('b.png')), message('4')]));
    expect(ids()).toEqual([['1'], ['2'], ['3'], ['4']]);
  });

  test('that is larger than the contact center takes goes as a link', async () => {
    const { calls, run } = deskWith({}, { files: { open: () => Promise.resolve(stream(5, 1_000_001)) } });
    await run(request([message('1', photo('a.png'))]));
    expect(calls[0]![0]).toMatchObject({ content: photo('a.png') });
    expect(calls[0]![0]!.file).toBeUndefined();
  });

  test.each(['not-found', 'rejected', 'unauthorized'] as const)(
    'that the platform does not give us (%s) goes as a link',
    async (kind) => {
      const { calls, run } = deskWith({}, { files: { open: () => Promise.reject(new VendorError(kind, 'no')) } });
      await run(request([message('1', photo('a.png'))]));
      expect(calls[0]![0]!.file).toBeUndefined();
    },
  );

  test('that cannot be had for now is tried twice, and then goes as a link: what comes after it must not wait', async () => {
    const files = { open: () => Promise.reject(new VendorError('ambiguous', 'no answer')) };
    const { calls, run } = deskWith({}, { files });
    for (const attempt of [1, 2]) {
      const failure = await failureOf(
        run(request([message('1', photo('a.png'))]), {
          attempt,
          heartbeatDetails: { done: [], cleanAttempt: attempt - 1 },
        }),
      );
      // Nothing was appended, so nothing needs to be read back.
      expect(failure).toMatchObject({ type: 'unavailable' });
    }
    await run(request([message('1', photo('a.png'))]), { attempt: 3, heartbeatDetails: { done: [], cleanAttempt: 2 } });
    expect(calls[0]!.map(({ id, file }) => [id, file])).toEqual([['1', undefined]]);
  });

  test('in a contact center that hangs holds up no other', async () => {
    let hang!: () => void;
    const hanging = new Promise<void>((resolve) => (hang = resolve));
    const files = { open: () => Promise.resolve(stream(5)) };
    const stuck = deskWith({ append: () => hanging }, { files });
    const waiting = Promise.all(['1', '2', '3'].map((id) => stuck.run(request([message(id, photo('a.png'))]))));
    const other = deskWith({}, { files });
    await other.run(request([message('1', photo('a.png'))]));
    expect(other.ids()).toEqual([['1']]);
    hang();
    await waiting;
  });
});

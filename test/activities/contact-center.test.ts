import { contactCenterActivities } from '../../activities/contact-center';
import type { OpenRequest } from '../../activities/requests';
import type { CaseOpening, ContactCenter } from '../../connectors/contact-center';
import { VendorError } from '../../connectors/shared/errors';
import { boundedId } from '../../domain/bounded-event';
import { SIGNALS } from '../../domain/contract';
import type { TranscriptEntry } from '../../domain/transcript';
import { activityEnvironment, failureOf, fakeClock, fakeDeps, runActivity, type Fakes } from '../support/activities';
import { fakeTemporal } from '../support/fake-temporal';

const KEY = 'handoff:main:conv#0123456789ab.1';
const AT = '2026-01-01T00:00:00.000Z';
const REF = { id: 'case-1' };
const gathered = { messageIds: ['1', '2'], tags: ['billing'], attributes: { tier: 'gold' }, customer: { name: 'Ivo' } };
const entry = (id: string | undefined, author: TranscriptEntry['author'] = 'end-user'): TranscriptEntry => ({
  ...(id !== undefined && { id }),
  at: AT,
  author,
  content: { kind: 'text', text: `text ${id}` },
});

function request(change: Partial<OpenRequest> = {}): OpenRequest {
  const route = { contactCenter: 'desk', queue: 'Billing', language: 'de', priority: 'HIGH' as const };
  return { account: 'main', conversationId: 'conv', key: KEY, route, call: {}, gathered, relayed: [], ...change };
}

/** Opens, and keeps what the desk was asked for. */
function opening(desk: Partial<ContactCenter> = {}, fakes: Fakes = {}) {
  const asked: string[] = [];
  const openings: CaseOpening[] = [];
  const temporal = fakeTemporal();
  const { openCase: run } = contactCenterActivities(
    fakeDeps({
      client: temporal.client,
      desk: {
        findCase: (key) => Promise.resolve(void asked.push(`find ${key}`)),
        openCase(one) {
          asked.push(`open ${one.key}`);
          openings.push(one);
          return Promise.resolve(REF);
        },
        ...desk,
      },
      ...fakes,
    }),
  );
  return { asked, openings, temporal, run: (of = request()) => runActivity(run, of) };
}

describe('opening a case', () => {
  test('looks for it by its key before it creates one', async () => {
    const { asked, run } = opening();
    expect(await run()).toEqual(REF);
    expect(asked).toEqual([`find ${KEY}`, `open ${KEY}`]);
  });

  test('takes the one that an earlier attempt has made', async () => {
    const { asked, run } = opening({
      findCase: () => Promise.resolve({ ref: { id: 'found' }, status: 'closed' as const }),
    });
    expect(await run()).toEqual({ id: 'found' });
    expect(asked).toEqual([]);
  });

  test('tells the contact center all that is known', async () => {
    const { openings, run } = opening();
    const call = {
      summary: 'Wants a refund\nfor order 7',
      customer: { email: 'ivo@example.com' },
      attributes: { order: '7' },
    };
    await run(request({ call }));
    expect(openings[0]).toMatchObject({
      key: KEY,
      subject: 'Wants a refund',
      summary: 'Wants a refund\nfor order 7',
      queue: 'Billing',
      priority: 'HIGH',
      customer: { id: 'conv', name: 'Ivo', email: 'ivo@example.com', language: 'de' },
      tags: ['billing'],
      attributes: { tier: 'gold', order: '7' },
    });
  });

  test('names who it is where nobody said what it is about', async () => {
    const { openings, run } = opening();
    await run();
    await run(request({ gathered: undefined }));
    expect(openings.map(({ subject }) => subject)).toEqual(['Chat with Ivo', 'Chat with an end user']);
  });

  test.each([
    ['Billing', "No agents are available for the queue 'Billing'"],
    [undefined, 'No agents are available for this contact center'],
  ])('is refused for good where nobody is there for the queue %p', async (queue, message) => {
    const { asked, run } = opening({ availability: () => Promise.resolve('unavailable') });
    const failure = await failureOf(run(request({ route: { contactCenter: 'desk', queue, priority: 'NORMAL' } })));
    expect(failure).toMatchObject({ type: 'no-agents', nonRetryable: true, message });
    expect(asked).toEqual([`find ${KEY}`]);
  });

  test('has both connections watched before the case exists', async () => {
    const poll = { start: () => Promise.resolve('cursor-1'), read: () => Promise.reject(new Error('unused')) };
    const watchesAtFind: string[] = [];
    const { run, temporal } = opening(
      {
        poll,
        findCase: () =>
          Promise.resolve(void watchesAtFind.push(...temporal.started.map(({ workflowId }) => workflowId))),
      },
      { platform: { history: { read: () => Promise.resolve({ entries: [] }), readsPerSecond: 8 } } },
    );
    await run();
    expect(watchesAtFind).toEqual(['watch:main:platform', 'watch:main:desk']);
    expect(temporal.started[1]).toMatchObject({
      args: [{ cursor: 'cursor-1', handoffs: [] }],
      memo: { cursor: 'cursor-1' },
    });
    expect(temporal.signals('watch:main:desk', SIGNALS.register)).toMatchObject([
      [[{ handoffId: 'handoff:main:conv' }]],
    ]);
  });
});

describe('the transcript', () => {
  const history = (...entries: TranscriptEntry[]) => ({
    history: { read: () => Promise.resolve({ entries }), readsPerSecond: 8 },
  });
  const ids = ({ openings }: ReturnType<typeof opening>) => openings[0]!.transcript.entries.map(({ id }) => id);

  test('ends where it was read before: what came later is delivered as messages', async () => {
    const long = 'x'.repeat(300);
    const platform = history(entry('1'), entry(undefined, 'system'), entry('2', 'bot'), entry(long), entry('3'));
    const of = opening({}, { platform });
    await of.run(request({ gathered: { ...gathered, messageIds: ['1', '2', boundedId(long)] } }));
    expect(ids(of)).toEqual(['1', undefined, '2', long]);
  });

  test('is what the bot passed along where the platform keeps none', async () => {
    const of = opening({}, { platform: history() });
    await of.run(request({ call: { history: [entry('h1'), entry('h2', 'bot')] } }));
    expect(ids(of)).toEqual(['h1', 'h2']);
    expect(of.openings[0]!.transcript.gap).toBeUndefined();
  });

  test('is what the bot passed along and what was relayed since, where the platform cannot be read', async () => {
    const of = opening();
    await of.run(request({ call: { history: [entry('h1')] }, relayed: [entry('r1'), entry('r2', 'agent')] }));
    expect(ids(of)).toEqual(['h1', 'r1', 'r2']);
  });

  test.each([
    ['not-readable', {}, request()],
    ['unavailable', history(entry('1')), request({ gathered: undefined })],
  ])('says why it is empty: %s', async (gap, platform, of) => {
    const { openings, run } = opening({}, { platform });
    await run(of);
    expect(openings[0]!.transcript).toEqual({ entries: [], gap });
  });
});

describe('the rest of a case', () => {
  const of = { account: 'main', contactCenter: 'desk' };
  afterEach(() => jest.useRealTimers());

  test('a note carries our id for it, the same at every attempt', async () => {
    const note = jest.fn(() => Promise.resolve());
    const activities = contactCenterActivities(fakeDeps({ desk: { note } }));
    await runActivity(activities.note, { ...of, case: REF, noteId: `${KEY}/n1`, text: 'hello' });
    expect(note).toHaveBeenCalledWith(REF, `${KEY}/n1`, 'hello');
  });

  test('is closed by its key where it may have come about unseen, and where there is none nothing is closed', async () => {
    const close = jest.fn(() => Promise.resolve());
    const findCase = jest.fn((): Promise<{ ref: { id: string }; status: 'open' } | undefined> =>
      Promise.resolve({ ref: REF, status: 'open' }),
    );
    const activities = contactCenterActivities(fakeDeps({ desk: { close, findCase } }));
    await runActivity(activities.closeCase, { ...of, key: KEY, reason: 'unavailable' as const });
    expect(close.mock.calls).toEqual([[REF, 'unavailable']]);
    findCase.mockResolvedValue(undefined);
    await runActivity(activities.closeCase, { ...of, key: KEY, reason: 'unavailable' as const });
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('is over only by its own word: open, closed, or three times not found', async () => {
    fakeClock();
    const findCase = jest.fn();
    const activities = contactCenterActivities(fakeDeps({ desk: { findCase } }));
    const check = async () => {
      const answer = activityEnvironment().run(activities.checkCase, { ...of, key: KEY });
      await jest.advanceTimersByTimeAsync(30_000);
      return answer;
    };
    findCase.mockResolvedValueOnce({ ref: REF, status: 'closed' });
    expect(await check()).toEqual({ ref: REF, status: 'closed' });
    findCase.mockResolvedValueOnce(undefined).mockResolvedValueOnce({ ref: REF, status: 'open' });
    expect(await check()).toEqual({ ref: REF, status: 'open' });
    findCase.mockReset().mockResolvedValue(undefined);
    expect(await check()).toEqual({ status: 'not-found' });
    expect(findCase).toHaveBeenCalledTimes(3);
  });

  test('gets a note by its key, also where one "not found" is false', async () => {
    fakeClock();
    const note = jest.fn(() => Promise.resolve());
    const findCase = jest.fn().mockResolvedValueOnce(undefined).mockResolvedValueOnce({ ref: REF, status: 'closed' });
    const activities = contactCenterActivities(fakeDeps({ desk: { note, findCase } }));
    const write = async () => {
      const request = { ...of, key: KEY, noteId: `${KEY}/late`, text: 'over' };
      const end = activityEnvironment().run(activities.noteEarlierCase, request);
      await jest.advanceTimersByTimeAsync(30_000);
      await end;
    };
    await write();
    expect(note.mock.calls).toEqual([[REF, `${KEY}/late`, 'over']]);
    findCase.mockResolvedValue(undefined);
    await write();
    expect(note).toHaveBeenCalledTimes(1);
  });

  test('a contact center that cannot be asked says nothing', async () => {
    const findCase = () => Promise.reject(new VendorError('unavailable', 'a proxy answered'));
    const activities = contactCenterActivities(fakeDeps({ desk: { findCase } }));
    expect(await failureOf(runActivity(activities.checkCase, { ...of, key: KEY }))).toMatchObject({
      type: 'unavailable',
    });
  });

  test('a contact center that the settings do not have any more is waited for', async () => {
    const activities = contactCenterActivities(fakeDeps());
    const failure = await failureOf(runActivity(activities.checkCase, { ...of, contactCenter: 'gone', key: KEY }));
    expect(failure).toMatchObject({ type: 'unknown-contact-center', message: expect.stringContaining("'gone'") });
    expect(failure.nonRetryable).toBeFalsy();
  });
});

import { janitorActivities } from '../../../activities/watch/janitor';
import { ServiceError } from '@temporalio/client';
import type { ContactCenter } from '../../../connectors/contact-center';
import type { Platform } from '../../../connectors/platform';
import { VendorError } from '../../../connectors/shared/errors';
import { SIGNALS } from '../../../domain/contract';
import { activityEnvironment, fakeDeps } from '../../support/activities';
import { fakeTemporal } from '../../support/fake-temporal';

const handoff = (conversation: string) => `handoff:main:${conversation}`;
const key = (conversation: string) => `${handoff(conversation)}#0123456789ab.1`;
const poll = { start: () => Promise.resolve('now'), read: () => Promise.reject(new Error('unused')) };
const NOTHING = { running: 0, registered: 0, closedConversations: 0, closedCases: 0, alerts: 0 };

interface Found {
  conversations?: string[];
  cases?: string[];
  platform?: Partial<Platform>;
  desk?: Partial<ContactCenter>;
  unknown?: 'close' | 'alert';
}

/** An account of which the vendors report these as open. */
function sweeping({ conversations = [], cases = [], platform, desk, unknown = 'alert' }: Found = {}) {
  const temporal = fakeTemporal();
  const closed: string[] = [];
  const notes: string[] = [];
  const activities = janitorActivities(
    fakeDeps({
      client: temporal.client,
      settings: { janitor: { unknown } },
      platform: {
        isClosed: (id) => Promise.resolve(closed.includes(id)),
        close: (id) => Promise.resolve(void closed.push(id)),
        openConversations: { list: () => Promise.resolve(conversations.map((conversationId) => ({ conversationId }))) },
        ...platform,
      },
      desk: {
        note: (_ref, noteId) => Promise.resolve(void notes.push(noteId)),
        close: ({ id }) => Promise.resolve(void closed.push(id)),
        openCases: { list: () => Promise.resolve(cases.map((one) => ({ key: one, ref: { id: one } }))) },
        ...desk,
      },
    }),
  );
  return {
    temporal,
    closed,
    notes,
    sweep: () => activityEnvironment().run(() => activities.sweep({ account: 'main' })),
  };
}

test('where all is well nothing is done', async () => {
  const { temporal, closed, sweep } = sweeping({ conversations: ['a'], cases: [key('a')] });
  temporal.start(handoff('a'), { contactCenter: 'desk' });
  expect(await sweep()).toEqual({ ...NOTHING, running: 1 });
  expect(closed).toEqual([]);
});

describe('handoffs that their watch does not know', () => {
  test('are registered with it; where it was terminated, it is started again', async () => {
    const { temporal, sweep } = sweeping({
      desk: { poll },
      platform: { history: { read: () => Promise.resolve({ entries: [] }), readsPerSecond: 8 } },
    });
    temporal.start(handoff('a'), { contactCenter: 'desk' });
    temporal.start('watch:main:desk', { register: ['handoff:main:other'] });
    temporal.start('watch:main:platform', { status: 'TERMINATED', memo: { cursor: 'where it stood' } });
    expect(await sweep()).toMatchObject({ running: 1, registered: 2 });
    expect(temporal.signals('watch:main:desk', SIGNALS.register)).toMatchObject([[[{ handoffId: handoff('a') }]]]);
    expect(temporal.started).toMatchObject([
      { workflowId: 'watch:main:platform', args: [{ cursor: 'where it stood' }] },
    ]);
  });

  test('and that have no case yet are left to their opening', async () => {
    const { temporal, sweep } = sweeping({ desk: { poll } });
    temporal.start(handoff('a'));
    expect(await sweep()).toMatchObject({ running: 1, registered: 0 });
  });
});

describe('conversations', () => {
  test.each(['TERMINATED', 'FAILED', 'TIMED_OUT', 'COMPLETED'])(
    'that are open although their handoff is over (%s) are closed',
    async (status) => {
      const { temporal, closed, sweep } = sweeping({ conversations: ['a'] });
      temporal.start(handoff('a'), { status });
      expect(await sweep()).toMatchObject({ closedConversations: 1 });
      expect(closed).toEqual(['a']);
    },
  );

  test('of handoffs that the list does not show yet are left alone', async () => {
    const { temporal, closed, sweep } = sweeping({ conversations: ['a'] });
    const { client } = temporal;
    temporal.start(handoff('a'), { contactCenter: 'desk' });
    // Visibility lags behind.
    Object.assign(client.workflow, { list: async function* () {} });
    expect(await sweep()).toEqual(NOTHING);
    expect(closed).toEqual([]);
  });

  test.each([
    ['alert', { alerts: 1, closedConversations: 0 }],
    ['close', { alerts: 0, closedConversations: 1 }],
  ] as const)('that carry our mark but no handoff is known of are for the setting: %s', async (unknown, report) => {
    expect(await sweeping({ conversations: ['a'], unknown }).sweep()).toMatchObject(report);
  });

  test('that have been closed meanwhile need nothing', async () => {
    const { temporal, sweep } = sweeping({ conversations: ['a'], platform: { isClosed: () => Promise.resolve(true) } });
    temporal.start(handoff('a'), { status: 'TERMINATED' });
    expect(await sweep()).toEqual(NOTHING);
  });

  test('P26: of handoffs that Temporal ended are found without a mark or a register', async () => {
    const { temporal, closed, sweep } = sweeping({ platform: { openConversations: undefined } });
    for (const status of ['TERMINATED', 'FAILED', 'TIMED_OUT', 'COMPLETED', 'RUNNING']) {
      temporal.start(handoff(status), { status });
    }
    expect(await sweep()).toMatchObject({ running: 1, closedConversations: 3 });
    expect(closed).toEqual(['TERMINATED', 'FAILED', 'TIMED_OUT']);
  });

  test('that the bot hands off again while the janitor looks at them are left alone', async () => {
    const isClosed = (id: string) => {
      temporal.start(handoff(id));
      return Promise.resolve(false);
    };
    const { temporal, closed, sweep } = sweeping({ conversations: ['a'], platform: { isClosed } });
    temporal.start(handoff('a'), { status: 'TERMINATED' });
    expect(await sweep()).toMatchObject({ closedConversations: 0 });
    expect(closed).toEqual([]);
  });

  test('whose handoffs do not run any more are taken off the register of their watch', async () => {
    const { temporal, closed, sweep } = sweeping({ platform: { openConversations: undefined } });
    temporal.start(handoff('a'), { status: 'TERMINATED' });
    temporal.start(handoff('b'), { status: 'COMPLETED' });
    temporal.start('watch:main:platform', { register: [handoff('a'), handoff('b')] });
    expect(await sweep()).toMatchObject({ closedConversations: 1 });
    expect(closed).toEqual(['a']);
    expect(temporal.signals('watch:main:platform', SIGNALS.unregister)).toEqual([[[handoff('a')]], [[handoff('b')]]]);
  });

  test('one of which cannot be closed keeps no other from it, nor the cases', async () => {
    const closed: string[] = [];
    const close = (id: string) => {
      if (id === 'bad') return Promise.reject(new VendorError('ambiguous', 'no answer'));
      return Promise.resolve(void closed.push(id));
    };
    const { temporal, sweep } = sweeping({
      conversations: ['bad', 'good'],
      cases: [key('good')],
      platform: { close, isClosed: (id) => Promise.resolve(closed.includes(id)) },
    });
    for (const id of ['bad', 'good']) temporal.start(handoff(id), { status: 'TERMINATED' });
    expect(await sweep()).toMatchObject({ closedConversations: 1, closedCases: 1 });
    expect(closed).toEqual(['good']);
  });
});

describe('cases', () => {
  test('that are open although their handoff broke off are closed, and their agents learn why', async () => {
    const { temporal, closed, notes, sweep } = sweeping({ cases: [key('a')] });
    temporal.start(handoff('a'), { status: 'TERMINATED' });
    expect(await sweep()).toMatchObject({ closedCases: 1 });
    expect([closed, notes]).toEqual([['a', key('a')], [`${key('a')}/ended`]]);
  });

  test('of a handoff that has ended by itself were opened again by an agent: they are theirs', async () => {
    const { temporal, closed, sweep } = sweeping({ cases: [key('a')] });
    temporal.start(handoff('a'), { status: 'COMPLETED' });
    expect(await sweep()).toEqual(NOTHING);
    expect(closed).toEqual([]);
  });

  describe('of a conversation that was handed off again while its first case was open', () => {
    const [first, second] = [key('a'), `${handoff('a')}#ba9876543210.1`];

    test.each([
      ['is known', { caseId: first }],
      ['is not known, because the handoff was ended before it was', {}],
    ])('the first one is closed where its id %s', async (_when, ended) => {
      const { temporal, closed, notes, sweep } = sweeping({ cases: [first, second] });
      temporal.start(handoff('a'), { contactCenter: 'desk', caseId: second, cases: [second], brokenRuns: [ended] });
      expect(await sweep()).toMatchObject({ running: 1, closedCases: 1 });
      expect([closed, notes]).toEqual([[first], [`${first}/ended`]]);
    });

    test('and that is being opened is left alone, as is one that its handoff has moved on from', async () => {
      const { temporal, closed, sweep } = sweeping({ cases: [first, second] });
      const brokenRuns = [{}, { caseId: 'another' }];
      temporal.start(handoff('a'), { contactCenter: 'desk', cases: [first, second], brokenRuns });
      expect(await sweep()).toEqual({ ...NOTHING, running: 1 });
      expect(closed).toEqual([]);
    });

    test('and that an agent has opened again after a handoff that ended by itself is theirs', async () => {
      const { temporal, closed, sweep } = sweeping({ cases: [first] });
      temporal.start(handoff('a'), { contactCenter: 'desk', caseId: second, cases: [second] });
      expect(await sweep()).toEqual({ ...NOTHING, running: 1 });
      expect(closed).toEqual([]);
    });
  });

  test("of other accounts, and with keys that are not ours, are none of this account's", async () => {
    const { closed, sweep } = sweeping({ cases: ['handoff:second:a#0123456789ab.1', 'ticket'], unknown: 'close' });
    expect(await sweep()).toEqual(NOTHING);
    expect(closed).toEqual([]);
  });

  test.each([
    ['alert', { alerts: 1, closedCases: 0 }],
    ['close', { alerts: 0, closedCases: 1 }],
  ] as const)('that no handoff is known of are for the setting: %s', async (unknown, report) => {
    expect(await sweeping({ cases: [key('a')], unknown }).sweep()).toMatchObject(report);
  });

  test('and conversations are swept although a watch does not answer', async () => {
    const { temporal, sweep } = sweeping({ conversations: ['a'], cases: [key('a')], desk: { poll } });
    temporal.start(handoff('a'), { status: 'TERMINATED' });
    temporal.start(handoff('b'), { contactCenter: 'desk' });
    temporal.start('watch:main:desk', { register: [] });
    temporal.refuse('watch:main:desk', new ServiceError('Failed to query Workflow'));
    expect(await sweep()).toMatchObject({ running: 1, closedConversations: 1, closedCases: 1 });
  });

  test('that cannot be listed keep nothing else from being swept', async () => {
    const openCases = { list: () => Promise.reject(new VendorError('unavailable', 'down')) };
    const { temporal, sweep } = sweeping({ conversations: ['a'], desk: { openCases } });
    temporal.start(handoff('a'), { status: 'TERMINATED' });
    expect(await sweep()).toMatchObject({ closedConversations: 1 });
  });
});

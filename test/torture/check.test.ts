import { checkConversation, UNDELIVERABLE_TEXT, VIOLATIONS } from './check';
import { MAX_TEXT_BYTES } from './plan-conversation';
import type { CaseRecord, ConversationRecord, SentMessage } from './record';
import { textOfBytes } from './texts';

/** The checker itself: each kind of violation is found in a record that shows it, and a good record shows none. */

const text = (direction: 'inbound' | 'outbound', n: number, bytes = 40) =>
  textOfBytes({ conversation: 'c1', direction, n }, bytes);

function message(direction: 'inbound' | 'outbound', n: number, change: Partial<SentMessage> = {}): SentMessage {
  const bytes = change.bytes ?? 40;
  const said = text(direction, n, bytes);
  return {
    direction,
    n,
    text: said,
    bytes,
    at: 0,
    arrivedAt: 1,
    id: `${direction}-${n}`,
    ...{ racing: false, isUnreported: false },
    ...change,
  };
}

const oneCase = (change: Partial<CaseRecord> = {}): CaseRecord => ({
  ...{ desk: 'support', id: 'case-1', status: 'closed' },
  transcript: [{ text: text('inbound', 1) }],
  appended: [{ text: text('inbound', 2) }, { text: text('inbound', 3) }],
  notes: [],
  ...change,
});

/** Three messages each way, all of which arrived. */
function record(change: Partial<ConversationRecord> = {}): ConversationRecord {
  return {
    plan: { name: 'c1', ending: 'agent', desk: 'support', past: 0, steps: [] } as unknown as ConversationRecord['plan'],
    conversationId: 'conversation-1',
    sent: [1, 2, 3].flatMap((n) => [message('inbound', n), message('outbound', n)]),
    unexpected: [],
    platform: {
      status: 'CLOSED',
      received: [{ text: 'Ana has joined.' }, ...[1, 2, 3].map((n) => ({ text: text('outbound', n) }))],
    },
    cases: [oneCase()],
    handoff: { state: 'closed', messages: [] } as unknown as ConversationRecord['handoff'],
    executions: ['COMPLETED'],
    timeline: [],
    ...change,
  };
}

const kinds = (change: Partial<ConversationRecord>) => checkConversation(record(change)).map(({ kind }) => kind);
const received = (...numbers: number[]) => ({
  platform: { status: 'CLOSED', received: numbers.map((n) => ({ text: text('outbound', n) })) },
});
const appended = (...numbers: number[]) => ({
  cases: [oneCase({ appended: numbers.map((n) => ({ text: text('inbound', n) })) })],
});

test('a conversation in which all arrived once, in order, shows nothing', () => {
  expect(kinds({})).toEqual([]);
});

describe("the end user's messages", () => {
  test.each([
    ['lost', appended(2)],
    ['doubled', appended(2, 3, 3)],
    ['doubled', appended(1, 2, 3)],
    ['out-of-order', appended(3, 2)],
    ['foreign', { cases: [oneCase({ appended: [2, 3, 4].map((n) => ({ text: text('inbound', n) })) })] }],
    ['foreign', { cases: [oneCase({ appended: [...oneCase().appended, { text: 'forged by a stranger' }] })] }],
    [
      'incomplete',
      { cases: [oneCase({ appended: [{ text: text('inbound', 2, 39) }, { text: text('inbound', 3) }] })] },
    ],
    [
      'corrupted',
      { cases: [oneCase({ appended: [{ text: `${text('inbound', 2)}?` }, { text: text('inbound', 3) }] })] },
    ],
  ])('%s', (kind, change) => {
    expect(kinds(change)).toEqual([kind]);
  });

  test('are in the transcript of a later case as well, which is no doubling, but are added to one case only', () => {
    const transcript = [1, 2].map((n) => ({ text: text('inbound', n) }));
    const later = oneCase({ id: 'case-2', transcript, appended: [{ text: text('inbound', 3) }] });
    expect(kinds({ cases: [oneCase({ appended: [{ text: text('inbound', 2) }] }), later] })).toEqual([]);
    expect(kinds({ cases: [oneCase(), later] })).toEqual(['doubled']);
  });

  test('may come as a note where a message would open a closed case again', () => {
    const notes = [`The end user wrote after this was closed: ${text('inbound', 3)}`];
    expect(kinds({ cases: [oneCase({ appended: [{ text: text('inbound', 2) }], notes })] })).toEqual([]);
  });

  test('that are too large are reported to the end user, and to nobody else for that reason', () => {
    const large = MAX_TEXT_BYTES + 1;
    const sent = [message('inbound', 1), message('inbound', 2), message('inbound', 3, { bytes: large })];
    const status = (reason: string) => ({
      state: 'closed',
      messages: [{ id: 'inbound-3', direction: 'inbound', deliveryStatus: 'undeliverable', reason }],
    });
    const refused = (reason: string, reported: string, messages = sent) => ({
      ...appended(2),
      sent: messages,
      platform: { status: 'CLOSED', received: [{ text: reported }] },
      handoff: status(reason) as unknown as ConversationRecord['handoff'],
    });
    expect(kinds(refused('too-large', UNDELIVERABLE_TEXT))).toEqual([]);
    expect(kinds(refused('too-large', 'Hello'))).toEqual(['misreported']);
    expect(kinds(refused('rejected', UNDELIVERABLE_TEXT))).toEqual(['misreported']);
    const transcript = [1, 2, 3].map((n) => ({ text: text('inbound', n, n === 3 ? large : 40) }));
    const later = oneCase({ id: 'case-2', transcript, appended: [] });
    const first = oneCase({ appended: [{ text: text('inbound', 2) }] });
    expect(kinds({ ...refused('too-large', UNDELIVERABLE_TEXT), cases: [first, later] })).toEqual([]);
    const both = oneCase({ appended: [2, 3].map((n) => ({ text: text('inbound', n, n === 3 ? large : 40) })) });
    expect(kinds({ ...refused('too-large', UNDELIVERABLE_TEXT), cases: [both] })).toEqual(['misreported']);
    const small = [...sent.slice(0, 2), message('inbound', 3)];
    expect(kinds(refused('too-large', UNDELIVERABLE_TEXT, small))).toEqual(['misreported']);
  });
});

test('what the bot was asked is not lost where an operator has ended the handoff before it had a case', () => {
  const none = { sent: [message('inbound', 1)], cases: [], platform: { status: 'CLOSED', received: [] } };
  const plan = (steps: ConversationRecord['plan']['steps']) =>
    ({ name: 'c1', ending: 'operator', desk: 'support', past: 1, steps }) as unknown as ConversationRecord['plan'];
  expect(kinds({ ...none, plan: plan([{ do: 'cut-opening', pauseMs: 0 }]) })).toEqual([]);
  expect(kinds({ ...none, plan: plan([{ do: 'end', pauseMs: 0 }]) })).toEqual(['lost']);
});

describe("agents' messages", () => {
  test.each([
    ['lost', received(1, 2)],
    ['doubled', received(1, 2, 2, 3)],
    ['out-of-order', received(1, 3, 2)],
    ['foreign', { platform: { status: 'CLOSED', received: [1, 2, 3, 4].map((n) => ({ text: text('outbound', n) })) } }],
  ])('%s', (kind, change) => {
    expect(kinds(change)).toEqual([kind]);
  });

  test('that are long come in parts, of which none may be missing', () => {
    const long = message('outbound', 1, { bytes: 10_000 });
    const parts = [long.text.slice(0, 4_000), long.text.slice(4_000, 8_000), long.text.slice(8_000)];
    const got = (...texts: string[]) => {
      const status = 'CLOSED';
      return {
        sent: [message('inbound', 1), long],
        ...appended(),
        platform: { status, received: texts.map((text) => ({ text })) },
      };
    };
    expect(kinds(got(...parts))).toEqual([]);
    expect(kinds(got(parts[0]!, parts[1]!))).toEqual(['incomplete']);
    expect(kinds(got(...parts, ...parts))).toEqual(['doubled']);
    const [most, tail] = [long.text.slice(0, -9), long.text.slice(-9)];
    expect(kinds(got(most, tail, 'Ana has left.'))).toEqual([]);
    expect(kinds(got(most, 'Ana has left.'))).toEqual(['incomplete']);
  });

  test('are found later if their webhook was lost, and may come after what came meanwhile', () => {
    const sent = record().sent.map((one) => (one.id === 'outbound-1' ? { ...one, isUnreported: true } : one));
    expect(kinds({ sent, ...received(2, 1, 3) })).toEqual([]);
    expect(kinds({ sent, ...received(2, 3) })).toEqual(['lost']);
    expect(kinds({ sent, ...received(1, 3, 2) })).toEqual(['out-of-order']);
  });

  const late = (notes: string[], racing: boolean) => ({
    ...received(1, 2),
    sent: record().sent.map((one) => (one.direction === 'outbound' && one.n === 3 ? { ...one, racing } : one)),
    cases: [oneCase({ notes })],
  });
  const CLOSED = 'Not delivered to the end user (the conversation is closed): the message of 10:00.';
  test('may be too late where the handoff was ending, if that is reported to the agent', () => {
    expect(kinds(late([CLOSED], true))).toEqual([]);
    expect(kinds(late(['The conversation with the end user has ended: …'], true))).toEqual([]);
    expect(kinds(late([], true))).toEqual(['lost']);
    expect(kinds(late([CLOSED], false))).toEqual(['lost']);
  });

  test('that are not too large may not be called so', () => {
    const note = 'Not delivered to the end user (too large for the channel): the message of 10:00.';
    expect(kinds({ cases: [oneCase({ notes: [note] })] })).toEqual(['misreported']);
    const sent = record().sent.map((one) =>
      one.direction === 'outbound' && one.n === 3 ? message('outbound', 3, { bytes: MAX_TEXT_BYTES + 1 }) : one,
    );
    expect(kinds({ sent, ...received(1, 2), cases: [oneCase({ notes: [note] })] })).toEqual([]);
    expect(kinds({ sent, ...received(1, 2) })).toEqual(['lost']);
  });
});

describe('the end', () => {
  test.each([
    ['conversation-open', { platform: { ...record().platform, status: 'OPEN' } }],
    ['case-open', { cases: [oneCase({ status: 'open' })] }],
    ['workflow', { executions: ['RUNNING'] }],
    ['workflow', { executions: ['COMPLETED', 'FAILED'] }],
    ['workflow', { executions: ['TERMINATED'] }],
    ['workflow', { executions: [] }],
    ['workflow', { handoff: undefined }],
    ['unexpected', { unexpected: ['the case was closed'] }],
  ] as [string, Partial<ConversationRecord>][])('%s', (kind, change) => {
    expect(kinds(change)).toEqual([kind]);
  });

  test('several runs of one handoff, and several handoffs of one conversation, are no failure', () => {
    expect(kinds({ executions: ['COMPLETED', 'CONTINUED_AS_NEW', 'COMPLETED'] })).toEqual([]);
  });

  test('of a terminated workflow is that the API says so, and nothing is doubled or left open', () => {
    const plan = { ...record().plan, ending: 'terminated' as const };
    const failed = { state: 'failed' } as unknown as ConversationRecord['handoff'];
    const cut = { plan, executions: ['TERMINATED'], handoff: failed };
    expect(kinds({ ...cut, ...received(1) })).toEqual([]);
    expect(kinds({ ...cut, ...received(1, 1) })).toEqual(['doubled']);
    const half = text('outbound', 1).slice(0, -1);
    expect(kinds({ ...cut, platform: { status: 'CLOSED', received: [{ text: half }] } })).toEqual([]);
    expect(kinds({ ...cut, platform: { status: 'OPEN', received: [] } })).toEqual(['conversation-open']);
    expect(kinds({ ...cut, handoff: record().handoff })).toEqual(['workflow']);
    expect(kinds({ ...cut, executions: ['COMPLETED'] })).toEqual(['workflow']);
  });
});

test('every kind of violation is shown above by a record of its own', () => {
  expect(VIOLATIONS).toHaveLength(11);
});

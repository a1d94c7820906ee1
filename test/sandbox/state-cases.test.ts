import { connect } from '../../accounts/connect';
import type { ContactCenter } from '../../connectors/contact-center';
import type { CaseRef } from '../../domain/handoff';
import type { SandboxState } from '../../sandbox/state/view';
import { loadSettings } from '../../settings/load';
import { startSandboxWithFakeApi, type SandboxWithFakeApi } from './sandbox-with-fake-api';

let fake: SandboxWithFakeApi;
/** The desk as Durable Handoff has it. */
let desk: ContactCenter;

beforeAll(async () => {
  fake = await startSandboxWithFakeApi();
  desk = connect(loadSettings(fake.env)).get('main')!.contactCenters.desk!;
});
beforeEach(() => fake.reset());
afterAll(() => fake.stop());

const PHONE_NUMBER = '385915550100';
const NONCE = '0123456789ab';

/** A message of the end user, who has no name on the platform, and its conversation. */
const write = (text: string, from = PHONE_NUMBER) => fake.sandbox.infobip.endUsers.receive({ from, text });

const openCase = (conversationId: string, { number = 1, queue = 'Support', customer = {} } = {}): Promise<CaseRef> =>
  desk.openCase({
    key: `handoff:main:${conversationId}#${NONCE}.${number}`,
    subject: 'Chat',
    priority: 'NORMAL',
    queue,
    attributes: {},
    tags: [],
    customer: { id: conversationId, ...customer },
    transcript: { entries: [] },
  });

const control = async (path: string, body: object = {}) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${fake.url}/desk/sandbox/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { id: string };
};

const said = ({ desk }: SandboxState) => desk?.lines.map(({ text }) => text);

describe('the agent sees who writes', () => {
  test('by the name that the bot gave, and by address, also where the platform knows no name', async () => {
    const { conversationId, messageId } = write('Hello');
    const opened = await openCase(conversationId, { customer: { name: 'Iva Horvat', phone: PHONE_NUMBER } });
    await desk.append(opened, [
      { id: messageId, at: new Date().toISOString(), content: { kind: 'text', text: 'Hello' } },
    ]);
    const { desk: shown } = await fake.state();
    expect(shown?.endUser).toEqual({ name: 'Iva Horvat', addresses: [PHONE_NUMBER] });
    expect(shown?.lines.at(-1)).toMatchObject({ author: 'end-user', name: 'Iva Horvat' });
    expect(JSON.stringify(await fake.state())).not.toContain('Visitor');
  });

  test('by one name only, even if the platform has another', async () => {
    const { conversationId } = write('Hello');
    const opened = await openCase(conversationId, { customer: { name: 'Iva Horvat', email: 'iva@example.com' } });
    const content = { kind: 'text', text: 'Hi' } as const;
    await desk.append(opened, [{ id: '1', at: new Date().toISOString(), author: 'iva1990', content }]);
    const { desk: shown } = await fake.state();
    expect(shown?.endUser.addresses).toEqual(['iva@example.com']);
    expect(shown?.lines.at(-1)?.name).toBe('Iva Horvat');
  });

  test('and the phone shows the address of an end user without a name', async () => {
    write('Hello');
    expect((await fake.state()).endUsers).toEqual([{ id: PHONE_NUMBER, name: PHONE_NUMBER }]);
  });
});

describe('a closed case', () => {
  test('stays on the desk until the end user has a new one, and can be reached after that', async () => {
    const first = write('Hello');
    const closed = await openCase(first.conversationId);
    await control(`cases/${closed.id}/close`);
    fake.sandbox.infobip.endUsers.receive({ from: 'somebody-else', text: 'Hi' });
    await closeConversation(first.conversationId);
    const second = write('Hello again');
    expect(second.conversationId).not.toBe(first.conversationId);
    const asked = { endUser: PHONE_NUMBER };
    expect((await fake.state(asked)).desk).toMatchObject({ caseId: closed.id, open: false });

    const open = await openCase(second.conversationId);
    const { cases, desk: shown } = await fake.state(asked);
    expect(shown).toMatchObject({ caseId: open.id, open: true });
    expect(cases.map(({ caseId }) => caseId)).toEqual([open.id, closed.id]);
    expect((await fake.state({ ...asked, case: closed.id })).desk).toMatchObject({ caseId: closed.id, open: false });
    expect((await fake.state({ endUser: 'somebody-else' })).cases).toEqual([]);
  });

  test.each([
    ['conversation-ended', 'Case closed: the conversation has ended'],
    ['transferred', 'Case closed: the conversation was transferred'],
    ['unavailable', 'Case closed: no agent was available'],
  ] as const)('says that it was closed as %s', async (reason, words) => {
    const opened = await openCase(write('Hello').conversationId);
    await desk.close(opened, reason);
    expect(said(await fake.state())?.at(-1)).toBe(words);
  });

  test('shows nobody typing', async () => {
    const opened = await openCase(write('Hello').conversationId);
    await desk.presence!.show(opened, { type: 'typing' });
    expect((await fake.state()).desk?.typing).toBeDefined();
    await desk.close(opened, 'conversation-ended');
    expect((await fake.state()).desk?.typing).toBeUndefined();
  });

  test('is an open one again when an agent reopens it', async () => {
    const { id } = await openCase(write('Hello').conversationId);
    await control(`cases/${id}/close`);
    expect(said(await fake.state())?.at(-1)).toBe('Case closed');
    await control(`cases/${id}/reopen`);
    expect(said(await fake.state())).not.toContain('Case closed');
  });
});

test('after a transfer, the texts of messages from the first case are still known', async () => {
  const { conversationId, messageId } = write('Where is it?');
  const first = await openCase(conversationId);
  const answer = await control(`cases/${first.id}/messages`, { text: 'I will transfer you.' });
  await desk.close(first, 'transferred');
  const second = await openCase(conversationId, { number: 2, queue: 'Refunds' });
  const at = new Date().toISOString();
  const messages = [
    { id: messageId, direction: 'inbound', at, deliveryStatus: 'delivered' },
    { id: answer.id, direction: 'outbound', at, deliveryStatus: 'delivered' },
    { id: 'unknown', direction: 'outbound', at, deliveryStatus: 'delivered' },
  ];
  fake.answer = { status: 200, body: { state: 'waiting', messages } };
  const { deliveries, desk: shown } = await fake.state();
  expect(shown?.caseId).toBe(second.id);
  expect(deliveries.map(({ text }) => text)).toEqual(['Where is it?', 'I will transfer you.', undefined]);
});

async function closeConversation(conversationId: string): Promise<void> {
  const headers = { authorization: 'App sandbox-infobip-key', 'content-type': 'application/json' };
  const url = `${fake.url}/infobip/ccaas/1/conversations/${conversationId}`;
  const { status } = await fetch(url, { method: 'PATCH', headers, body: '{"status":"CLOSED"}' });
  expect(status).toBe(200);
}

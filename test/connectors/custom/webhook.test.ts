import type { ContactCenterWebhook } from '../../../connectors/contact-center';
import { webhookHeaders } from '../../../sandbox/desk/signature';
import { connect, KEY, SECRET } from './support';

const envelope = { id: 'e-1', at: '2026-11-21T12:00:00Z', caseKey: KEY };
const agent = { name: 'Ana' };

function parse(body: unknown): Promise<ContactCenterWebhook> {
  const text = JSON.stringify(body);
  const request = { rawBody: Buffer.from(text), headers: webhookHeaders(SECRET, 'evt-1', text) };
  return connect({ baseUrl: 'http://127.0.0.1:1' }).webhook!.parse(request);
}

test('a list is read in order, and what is not an event for a handoff is named', async () => {
  const parsed = await parse([
    { ...envelope, type: 'agent.joined', agent },
    { ...envelope, type: 'agent.typing', agent },
    { ...envelope, type: 'case.starred' },
    { ...envelope, type: 'case.reopened', by: 'api' },
    { ...envelope, type: 'case.closed', caseKey: 'PROJ-17' },
    { ...envelope, type: 'case.closed' },
  ]);
  expect(parsed).toMatchObject({
    events: [{ type: 'agent-joined' }, { type: 'case-closed' }],
    presence: [{ type: 'typing', agent }],
    ignored: ['unknown-type', 'own-act', 'foreign-case'],
  });
  expect(parsed.pollNow).toBeUndefined();
});

test('a webhook may say no more than that there is something in the feed', async () => {
  await expect(parse({ type: 'poll' })).resolves.toEqual({ events: [], presence: [], ignored: [], pollNow: true });
});

test('a list with one event that breaks the contract is refused whole, with its place and none of its words', async () => {
  const broken = { ...envelope, type: 'agent.message', agent, content: { kind: 'text', text: 5, note: 'my PIN' } };
  const refusal = parse([{ ...envelope, type: 'case.closed' }, broken]);
  await expect(refusal).rejects.toMatchObject({ reason: 'malformed', message: expect.stringMatching(/^event 1: /) });
  await expect(refusal).rejects.not.toThrow(/PIN/);
});

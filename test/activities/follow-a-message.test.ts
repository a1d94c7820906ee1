import { pino } from 'pino';
import { contactCenterActivities } from '../../activities/contact-center';
import { platformActivities } from '../../activities/platform';
import type { AgentMessage, InboundMessage } from '../../domain/message';
import { activityEnvironment, fakeDeps, type Fakes } from '../support/activities';
import { CASE_KEY, ID, startApi, type RunningApi } from '../support/api-fakes';

/** A message on its way through the API, the signal and the activity, and what the log says of it at each hop. */

let api: RunningApi;
let lines: Record<string, unknown>[];
beforeEach(async () => {
  lines = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  api = await startApi({ logger: pino({ level: 'info' }, { write }) });
  api.temporal.add(ID);
});
afterEach(() => api.stop());

const at = '2026-11-21T12:00:00Z';
const content = { kind: 'text', text: 'TEXT' };
/** The message as the signal brings it to the workflow. */
const signaled = <M>() => (api.temporal.handoffs.get(ID)!.signals[0]![0] as { message: M }).message;

async function perform<R, A>(call: string, run: (request: R) => Promise<A>, request: R): Promise<void> {
  const environment = activityEnvironment({ activityType: call, workflowExecution: { workflowId: ID, runId: 'run' } });
  await environment.run(run, request);
  lines.push(...environment.lines.map(({ fields }) => fields));
}

const fakes: Fakes = {
  desk: { append: () => Promise.resolve() },
  platform: { send: () => Promise.resolve({ platformId: 'p-1' }) },
};

test('an inbound message is in the line of the webhook that brought it and of the call that appended it', async () => {
  const event = { conversationId: 'c1', event: { type: 'inbound', message: { id: 'm-1', at, content } } };
  await api.call('POST', '/webhooks/main/platform', { body: { events: [event] }, headers: { 'x-request-id': 'r-1' } });
  const { append } = contactCenterActivities(fakeDeps(fakes));
  const messages = [signaled<InboundMessage>()];
  const to = { account: 'main', conversationId: 'c1', contactCenter: 'desk', case: { id: '7' } };
  await perform('append', append, { ...to, messages, again: false });
  expect(lines).toEqual([
    expect.objectContaining({
      requestId: 'r-1',
      account: 'main',
      connection: 'platform',
      handoffId: ID,
      messageIds: ['m-1'],
    }),
    expect.objectContaining({
      call: 'append',
      account: 'main',
      connection: 'desk',
      case: '7',
      handoffId: ID,
      messageIds: ['m-1'],
    }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('TEXT');
});

test('an outbound message is in the line of the webhook that brought it and of the call that sent it', async () => {
  const message = { id: 'a-1', at, agent: { name: 'AGENT' }, content };
  const events = [{ type: 'agent-message', caseKey: CASE_KEY, message }];
  await api.call('POST', '/webhooks/main/support', { body: { events }, headers: { 'x-request-id': 'r-2' } });
  const { send } = platformActivities(fakeDeps(fakes));
  const { id, content: received } = signaled<AgentMessage>();
  await perform('send', send, {
    account: 'main',
    conversationId: 'c1',
    contactCenter: 'desk',
    representative: { type: 'HUMAN', agent: { name: 'AGENT' } },
    knownIds: [],
    messages: [{ id, messageId: `${ID}/out/1`, content: received }],
    partsSent: 0,
    textLimit: 100,
  });
  expect(lines).toEqual([
    expect.objectContaining({ requestId: 'r-2', connection: 'support', handoffId: ID, messageIds: ['a-1'] }),
    expect.objectContaining({
      call: 'send',
      connection: 'platform',
      handoffId: ID,
      messageIds: ['a-1'],
      platformIds: ['p-1'],
    }),
  ]);
  for (const secret of ['TEXT', 'AGENT']) expect(JSON.stringify(lines)).not.toContain(secret);
});

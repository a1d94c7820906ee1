import type { SandboxState } from '../../sandbox/state/view';
import { startSandboxWithFakeApi, type SandboxWithFakeApi } from './sandbox-with-fake-api';

let fake: SandboxWithFakeApi;

beforeAll(async () => {
  fake = await startSandboxWithFakeApi();
});
beforeEach(() => fake.reset());
afterAll(() => fake.stop());

const said = ({ phone }: SandboxState) => phone?.lines.map(({ text }) => text);

test('before anybody has written there is nothing to show and nothing wrong', async () => {
  const empty = await fake.state();
  expect(empty.endUsers).toEqual([]);
  expect(empty).not.toHaveProperty('phone');
  expect(empty).not.toHaveProperty('problem');
});

test('the latest conversation is shown unless another one is asked for', async () => {
  const { conversationId } = fake.sandbox.infobip.endUsers.receive({ from: 'one', name: 'Ivana', text: 'first' });
  fake.sandbox.infobip.endUsers.receive({ from: 'two', name: 'Jonas', text: 'second' });
  expect((await fake.state()).endUsers).toEqual([
    { id: 'two', name: 'Jonas' },
    { id: 'one', name: 'Ivana' },
  ]);
  expect(said(await fake.state())).toContain('second');
  expect(said(await fake.state({ endUser: 'one' }))).toContain('first');
  expect(said(await fake.state({ conversation: conversationId }))).toContain('first');
});

test('a message shows the delivery status that the handoff has for it', async () => {
  const { conversationId, messageId } = fake.sandbox.infobip.endUsers.receive({ from: 'one', text: 'hello' });
  const at = new Date().toISOString();
  const messages = [{ id: messageId, direction: 'inbound', at, deliveryStatus: 'undeliverable', reason: 'too-large' }];
  fake.answer = { status: 200, body: { handoffId: `handoff:main:${conversationId}`, state: 'connected', messages } };
  const { phone, workflowUrl } = await fake.state();
  expect(phone?.lines.find(({ id }) => id === messageId)).toMatchObject({
    deliveryStatus: 'undeliverable',
    reason: 'too-large',
  });
  expect(workflowUrl).toBe(
    `http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(`handoff:main:${conversationId}`)}`,
  );
});

test('the key that reads handoffs stays on the server', async () => {
  fake.sandbox.infobip.endUsers.receive({ from: 'one', text: 'hello' });
  const shown = JSON.stringify(await fake.state());
  expect(fake.asked.at(-1)?.key).toBe('Bearer sandbox-operator-key');
  expect(shown).not.toContain('operator-key');
});

test('a problem that the API reports is shown in its words', async () => {
  fake.sandbox.infobip.endUsers.receive({ from: 'one', text: 'hello' });
  fake.answer = { status: 503, body: { title: 'Service Unavailable', detail: 'no worker answers' } };
  expect((await fake.state()).problem).toContain('no worker answers');
});

test('the bot hands over by its own key, with the name of its end user', async () => {
  const { conversationId } = fake.sandbox.infobip.endUsers.receive({
    from: 'one',
    name: 'Ivana',
    text: 'I want a person',
  });
  while ((await fake.state()).phone?.bot !== 'paused') await new Promise((resolve) => setTimeout(resolve, 10));
  const { url: path, key, body } = fake.asked.find(({ method }) => method === 'POST')!;
  expect([path, key]).toEqual(['/v1/handoffs', 'Bearer sandbox-bot-key']);
  expect(JSON.parse(body)).toEqual({ account: 'main', conversationId, customer: { name: 'Ivana' } });
});

test('a platform the sandbox does not have is not found', async () => {
  expect((await fetch(`${fake.url}/state?platform=none`)).status).toBe(404);
});

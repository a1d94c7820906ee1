import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sandboxEnvironment } from '../../sandbox/launch/environment';
import { createSandboxServer, optionsFrom, type Sandbox } from '../../sandbox/server';
import type { SandboxState } from '../../sandbox/state/view';

/** What the API is asked, and what it says to a reader. */
let asked: { method: string; url: string; key: string; body: string }[];
let answer: { status: number; body: unknown };
let api: Server;
let sandbox: Sandbox;
let url: string;

beforeAll(async () => {
  api = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      asked.push({ method: req.method!, url: req.url!, key: req.headers.authorization ?? '', body });
      const { status, body: said } = req.method === 'POST' ? { status: 202, body: {} } : answer;
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const ports = { API_PORT: 1, SANDBOX_PORT: 2, TEMPORAL_PORT: 3, TEMPORAL_UI_PORT: 4 };
  sandbox = createSandboxServer({
    ...optionsFrom(sandboxEnvironment(ports, '')),
    apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    botKey: 'the-key-of-the-bot',
    readKey: 'the-key-of-the-page',
    temporalUiUrl: 'http://temporal.example',
  });
  url = await sandbox.listen(0);
});

beforeEach(() => {
  sandbox.infobip.reset();
  asked = [];
  answer = { status: 404, body: { title: 'Not Found' } };
});

afterAll(async () => {
  await sandbox.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
});

async function state(query: Record<string, string> = {}): Promise<SandboxState> {
  const response = await fetch(`${url}/state?${new URLSearchParams(query).toString()}`);
  return (await response.json()) as SandboxState;
}

const said = ({ phone }: SandboxState) => phone?.lines.map(({ text }) => text);

test('nobody has written: there is nothing to show and nothing wrong', async () => {
  const empty = await state();
  expect(empty.customers).toEqual([]);
  expect(empty).not.toHaveProperty('phone');
  expect(empty).not.toHaveProperty('problem');
});

test('the latest conversation is shown unless another one is asked for', async () => {
  const { conversationId } = sandbox.infobip.endUsers.receive({ from: 'one', name: 'Ivana', text: 'first' });
  sandbox.infobip.endUsers.receive({ from: 'two', name: 'Jonas', text: 'second' });
  expect((await state()).customers).toEqual([
    { id: 'two', name: 'Jonas' },
    { id: 'one', name: 'Ivana' },
  ]);
  expect(said(await state())).toContain('second');
  expect(said(await state({ customer: 'one' }))).toContain('first');
  expect(said(await state({ conversation: conversationId }))).toContain('first');
});

test('a message shows the fate that the handoff knows of it', async () => {
  const { conversationId, messageId } = sandbox.infobip.endUsers.receive({ from: 'one', text: 'hello' });
  const at = new Date().toISOString();
  const messages = [{ id: messageId, direction: 'inbound', at, fate: 'undeliverable', reason: 'too-large' }];
  answer = { status: 200, body: { handoffId: `handoff:main:${conversationId}`, state: 'connected', messages } };
  const { phone, workflowUrl } = await state();
  expect(phone?.lines.find(({ id }) => id === messageId)).toMatchObject({ fate: 'undeliverable', reason: 'too-large' });
  expect(workflowUrl).toBe(
    `http://temporal.example/namespaces/default/workflows/${encodeURIComponent(`handoff:main:${conversationId}`)}`,
  );
});

test('the key that reads handoffs stays on the server', async () => {
  sandbox.infobip.endUsers.receive({ from: 'one', text: 'hello' });
  const shown = JSON.stringify(await state());
  expect(asked.at(-1)?.key).toBe('Bearer the-key-of-the-page');
  expect(shown).not.toContain('the-key-of');
});

test('what the API says is wrong is told in its words', async () => {
  sandbox.infobip.endUsers.receive({ from: 'one', text: 'hello' });
  answer = { status: 503, body: { title: 'Service Unavailable', detail: 'no worker answers' } };
  expect((await state()).problem).toContain('no worker answers');
});

test('the bot hands over by its own key, with the name of its customer', async () => {
  const { conversationId } = sandbox.infobip.endUsers.receive({ from: 'one', name: 'Ivana', text: 'I want a person' });
  while ((await state()).phone?.bot !== 'deaf') await new Promise((resolve) => setTimeout(resolve, 10));
  const { url: path, key, body } = asked.find(({ method }) => method === 'POST')!;
  expect([path, key]).toEqual(['/v1/handoffs', 'Bearer the-key-of-the-bot']);
  expect(JSON.parse(body)).toEqual({ account: 'main', conversationId, customer: { name: 'Ivana' } });
});

test('a platform the sandbox does not have is not found', async () => {
  expect((await fetch(`${url}/state?platform=none`)).status).toBe(404);
});

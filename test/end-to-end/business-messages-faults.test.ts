import axios from 'axios';
import { WORKFLOWS } from '../../domain/contract';
import { handoffId } from '../../domain/ids';
import { webhookHeaders } from '../../sandbox/desk/signature';
import { startBusinessService, type BusinessService } from '../support/business-service';
import { SECRETS } from '../support/core';
import { eventually } from '../support/eventually';

const WAITING = 'BOT Hello World Agent: I have passed your conversation on to our team. An agent will answer you here.';
const GOODBYE =
  'BOT Hello World Agent: The agent has closed this conversation. Write again any time and our assistant will help you.';
const ANA = { id: 'a', name: 'Ana' };

let service: BusinessService;
beforeAll(async () => {
  service = await startBusinessService();
});
afterAll(() => service.stop());
afterEach(() => {
  service.simulator.faults.clear();
  service.desk.faults.clear();
  expect(service.breaches()).toEqual([]);
});

const words = (n: number, prefix: string, from = 1) => Array.from({ length: n }, (_, i) => `${prefix} ${i + from}`);
const linesOf = (name: string, texts: string[]) => texts.map((text) => `HUMAN ${name}: ${text}`);
const agentSays = (id: string, texts: string[], agent: object = ANA) =>
  texts.reduce((before, text) => before.then(() => service.agent(id, 'messages', { agent, text })), Promise.resolve());
const relayed = (id: string, inbound: number, outbound: number) =>
  eventually(`${inbound} messages are in and ${outbound} out`, async () => {
    const view = await service.view(id);
    return view.relayed.inbound === inbound && view.relayed.outbound === outbound;
  });

/** Five messages each way while something is wrong, then the end: framed, in order, each once. */
async function expectWholeConversation(id: string): Promise<void> {
  for (const text of words(5, 'question')) service.write(text, id);
  await agentSays(id, words(5, 'answer'));
  await relayed(id, 5, 5);
  await service.agent(id, 'close');
  expect(await service.until(id, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
  expect(await service.inCase(id)).toEqual(words(5, 'Michael: question'));
  expect(service.shown(id)).toEqual([
    WAITING,
    'JOINED Ana',
    ...linesOf('Ana', words(5, 'answer')),
    'LEFT Ana',
    GOODBYE,
  ]);
}

describe('the order holds', () => {
  test('when calls take effect and their answers are lost', async () => {
    const id = await service.handOff();
    const lost = (match: string, times: number) => ({
      match,
      answer: 'timeout-after-effect' as const,
      times,
      delayMs: 0,
    });
    service.simulator.faults.set({ api: { next: [lost('POST .*/messages$', 2), lost('POST .*/events$', 2)] } });
    service.desk.faults.set({ api: { next: [lost('POST .*/messages$', 2)] } });
    await expectWholeConversation(id);
    const refused = service.simulator.journal.since().filter(({ status }) => status === 409);
    expect(refused.length).toBeGreaterThan(0);
  });

  test('when the platform asks for patience, is down, and takes its tokens back', async () => {
    const id = await service.handOff();
    service.simulator.revokeTokens();
    const next = [
      { match: 'POST .*/events$', answer: 503 as const, times: 1, delayMs: 0 },
      { match: 'POST .*/messages$', answer: 429 as const, retryAfter: 2, times: 1, delayMs: 0 },
      { match: 'POST .*/messages$', answer: 500 as const, times: 1, delayMs: 0 },
    ];
    service.simulator.faults.set({ api: { next } });
    const started = Date.now();
    await expectWholeConversation(id);
    expect(Date.now() - started).toBeGreaterThanOrEqual(2_000);
  });

  test.each(['late', 'twice'] as const)('when webhooks arrive %s', async (delivery) => {
    const id = await service.handOff();
    service.simulator.faults.set({ webhooks: { delivery, delayMs: 200 } });
    service.desk.faults.set({ webhooks: { delivery, delayMs: 200 } });
    await expectWholeConversation(id);
  });

  test('when the worker stops between one agent and the next, and starts again', async () => {
    const id = await service.handOff();
    await agentSays(id, words(2, 'answer'));
    await relayed(id, 0, 2);
    await service.stopWorker();
    for (const text of words(3, 'question')) service.write(text, id);
    await agentSays(id, words(2, 'answer', 3));
    await service.agent(id, 'transfer', { to: 'Returns' });
    await agentSays(id, words(2, 'reply'), { id: 'b', name: 'Ben' });
    await service.startWorker();
    await relayed(id, 3, 6);
    expect(await service.inCase(id)).toEqual(words(3, 'Michael: question'));
    expect(service.shown(id)).toEqual([
      WAITING,
      'JOINED Ana',
      ...linesOf('Ana', words(4, 'answer')),
      'LEFT Ana',
      'JOINED Ben',
      ...linesOf('Ben', words(2, 'reply')),
    ]);
  });

  test('when its workflow continues as new, again and again', async () => {
    const id = service.begin();
    const input = service.input(id);
    input.settings.maxHistoryEvents = 60;
    const workflowId = handoffId(input);
    const { taskQueue, client } = service;
    const first = await client.workflow.start(WORKFLOWS.handoff, { workflowId, taskQueue, args: [input] });
    await service.until(id, 'waiting');
    const { key } = await service.deskCase(id);
    const runs = new Set([first.firstExecutionRunId]);
    for (let i = 0; i < 6; i++) {
      const agent = { name: ['Ana', 'Ben'][i % 2] };
      for (const text of words(3, 'question', 3 * i + 1)) service.write(text, id);
      await agentSays(id, words(3, 'answer', 3 * i + 1), agent);
      await relayed(id, 3 * (i + 1), 3 * (i + 1));
      runs.add((await client.workflow.getHandle(workflowId).describe()).runId);
    }
    await service.agent(id, 'close');
    expect(await service.until(id, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
    expect(runs.size).toBeGreaterThan(2);
    expect((await service.deskCase(id)).key).toBe(key);
    expect(await service.inCase(id)).toEqual(words(18, 'Michael: question'));
    const turns = words(6, '').flatMap((_, i) => {
      const name = ['Ana', 'Ben'][i % 2]!;
      return [`JOINED ${name}`, ...linesOf(name, words(3, 'answer', 3 * i + 1)), `LEFT ${name}`];
    });
    expect(service.shown(id)).toEqual([WAITING, ...turns, GOODBYE]);
  });
});

describe('what comes after the end', () => {
  /** As a webhook of the desk's that comes late, for a case it has closed long ago. */
  async function lateEvent(event: { id: string; caseKey: string } & Record<string, unknown>): Promise<number> {
    const body = JSON.stringify({ at: new Date().toISOString(), ...event });
    const headers = { 'content-type': 'application/json', ...webhookHeaders(SECRETS.desk, event.id, body) };
    const { status } = await axios.post(`${service.url}/webhooks/${service.account}/desk`, body, { headers });
    return status;
  }
  const lateWords = (id: string, caseKey: string) => {
    const content = { kind: 'text', text: 'One more thing' };
    return { type: 'agent.message', id, caseKey, agent: ANA, content };
  };

  test('of an agent while the last words go out, is reported to the agent and never reaches the end user', async () => {
    const id = await service.handOff();
    await agentSays(id, ['Done.']);
    await relayed(id, 0, 1);
    service.simulator.faults.set({
      api: { next: [{ match: 'POST .*/events$', answer: 'slow', delayMs: 1_500, times: 1 }] },
    });
    await service.agent(id, 'close');
    await service.until(id, 'closing');
    const { key } = await service.deskCase(id);
    expect(await lateEvent(lateWords('late-1', key))).toBe(200);
    expect(await service.until(id, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 1 });
    expect(service.shown(id)).toEqual([WAITING, 'JOINED Ana', 'HUMAN Ana: Done.', 'LEFT Ana', GOODBYE]);
    const { notes } = await service.deskCase(id);
    expect(notes.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Not delivered to the end user \(the conversation is closed\)/),
    ]);
    expect(await lateEvent(lateWords('late-2', key))).toBe(200);
    expect(service.shown(id).at(-1)).toBe(GOODBYE);
  });

  test('belongs to no later handoff: the same conversation gets a new case, and the old one is silent', async () => {
    const id = await service.handOff();
    await agentSays(id, ['First']);
    await relayed(id, 0, 1);
    const old = await service.deskCase(id);
    await service.agent(id, 'close');
    await service.until(id, 'closed');

    await service.handOff({}, id);
    const now = await eventually('the desk has a new case', async () => {
      const found = await service.deskCase(id);
      return found.id === old.id ? undefined : found;
    });
    expect(now.key).not.toBe(old.key);
    expect(handoffId({ account: service.account, conversationId: id })).toBe(old.key.split('#')[0]);
    await service.deskControl(`cases/${old.id}/reopen`, {});
    await service.deskControl(`cases/${old.id}/messages`, { agent: ANA, text: 'From the old case' });
    await service.deskControl(`cases/${old.id}/close`, {});
    expect(await lateEvent(lateWords('late-3', old.key))).toBe(200);
    service.write('Second question', id);
    await agentSays(id, ['Second']);
    await relayed(id, 1, 1);
    expect(await service.view(id)).toMatchObject({ state: 'connected', undelivered: 0, case: { id: now.id } });
    expect(service.shown(id)).toEqual([
      WAITING,
      'JOINED Ana',
      'HUMAN Ana: First',
      'LEFT Ana',
      GOODBYE,
      WAITING,
      'JOINED Ana',
      'HUMAN Ana: Second',
    ]);
  });
});

import { randomUUID } from 'node:crypto';
import { heartbeat, sleep } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { SIGNALS, WORKFLOWS, type HandoffInput } from '../../domain/contract';
import type { HandoffEvent } from '../../domain/events';
import type { HandoffSettings, HandoffView } from '../../domain/handoff';
import { caseKey, handoffId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { failsForNow, fakeWorld, refuses, type FakeWorld } from '../support/fake-activities';
import { NONCE, settingsWith } from '../support/handoff-simulation';
import { describeWith } from '../support/parts';
import { createTimeSkipping, testWorkflowBundle, timeSkippingMissing } from '../support/temporal';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const AT = new Date(0).toISOString();
const nothingMissed = () => Promise.resolve({ messages: [], more: false });
/** Cancellation arrives with the answer to a heartbeat. */
async function untilCancelled(): Promise<never> {
  for (;;) {
    heartbeat();
    await sleep(200);
  }
}
const taken = ({ messages }: { messages: { id: string }[] }) =>
  Promise.resolve({ appended: messages.map(({ id }) => id) });
/** From its beginning to its end, by the server's clock. */
const duration = ({ startedAt, closedAt }: HandoffView) => Date.parse(closedAt!) - Date.parse(startedAt);
jest.setTimeout(40_000);

describeWith(timeSkippingMissing(), 'time', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => {
    env = await createTimeSkipping();
  });
  afterAll(() => env.teardown());

  interface Running {
    signal(event: HandoffEvent): Promise<void>;
    view(): Promise<HandoffView>;
    /** Its first case, as events name it. */
    of: { caseKey: string; contactCenter: string };
    /** Of the run that goes on now. */
    runId(): Promise<string>;
    result(): Promise<HandoffView>;
  }

  /** Runs one handoff between fake vendors, with the clock jumping. */
  async function play(
    world: FakeWorld,
    change: Partial<HandoffSettings>,
    story: (handoff: Running) => Promise<HandoffView>,
  ): Promise<HandoffView> {
    const taskQueue = `timers-${randomUUID()}`;
    const { client, nativeConnection: connection } = env;
    const { activities } = world;
    const worker = await Worker.create({ connection, taskQueue, activities, workflowBundle: testWorkflowBundle() });
    const settings = settingsWith(change);
    const input: HandoffInput = { account: 'main', conversationId: randomUUID(), nonce: NONCE, call: {}, settings };
    const workflowId = handoffId(input);
    return worker.runUntil(async () => {
      const handle = await client.workflow.start(WORKFLOWS.handoff, { workflowId, taskQueue, args: [input] });
      return story({
        signal: (event) => handle.signal(SIGNALS.deliver, [event]),
        view: () => handle.query<HandoffView>('view'),
        of: { caseKey: caseKey(workflowId, NONCE, 1), contactCenter: 'desk' },
        runId: async () => (await client.workflow.getHandle(workflowId).describe()).runId,
        result: () => handle.result() as Promise<HandoffView>,
      });
    });
  }

  const timers = (change: Partial<HandoffSettings['timers']>) => ({
    timers: { openWithin: HOUR, acceptWithin: null, deliverWithin: 24 * HOUR, answerWithin: 72 * HOUR, ...change },
  });
  const said = (id: string, text = 'hello'): HandoffEvent => ({
    type: 'inbound',
    message: { id, at: AT, content: { kind: 'text', text } },
  });
  const agentSaid = ({ of }: Running, id: string): HandoffEvent => ({
    type: 'agent-message',
    ...of,
    message: { id, at: AT, agent: { name: 'Ana' }, content: { kind: 'text', text: 'hi' } },
  });
  const closed = ({ of }: Running, id: string): HandoffEvent => ({ type: 'case-closed', ...of, id, at: AT });
  const until = (handoff: Running, state: HandoffView['state']) =>
    eventually(`the handoff is ${state}`, async () => (await handoff.view()).state === state);

  test('P14: nobody answers for three days: the end user learns it, and both sides are closed', async () => {
    const world = fakeWorld();
    const view = await play(world, timers({}), (handoff) => handoff.result());
    expect(view).toMatchObject({ outcome: 'unanswered', state: 'closed' });
    const texts = world.calls.flatMap(({ name, request }) => (name === 'say' ? [request.template] : []));
    expect(texts.at(-1)).toMatch(/no agent could answer in time/);
    expect(world.names().slice(-3)).toEqual(['closeConversation', 'readMissed', 'closeCase']);
  });

  test('once an agent has answered, the wait for an answer is over for good', async () => {
    const world = fakeWorld();
    const view = await play(world, timers({}), async (handoff) => {
      await until(handoff, 'waiting');
      await handoff.signal({ type: 'agent-joined', ...handoff.of, id: '1', at: AT, agent: { name: 'Ana' } });
      await env.sleep(200 * HOUR);
      expect(await handoff.view()).toMatchObject({ state: 'connected' });
      await handoff.signal(closed(handoff, '2'));
      return handoff.result();
    });
    expect(view).toMatchObject({ outcome: 'resolved' });
  });

  test('P11: a contact center that takes nothing for an hour makes the handoff unavailable', async () => {
    const world = fakeWorld();
    world.on('openCase', failsForNow);
    const view = await play(world, timers({}), (handoff) => handoff.result());
    expect(view).toMatchObject({ outcome: 'unavailable' });
    expect(world.names().filter((name) => name === 'openCase').length).toBeGreaterThan(50);
    expect(world.names()).toContain('closeCase');
  });

  test('P1, P6: a message that cannot be delivered in time becomes undeliverable, which its sender learns, and the next one is delivered', async () => {
    const world = fakeWorld();
    let down = true;
    world.on('append', (request) => (down ? failsForNow() : taken(request)));
    const view = await play(world, timers({ answerWithin: null, deliverWithin: 2 * HOUR }), async (handoff) => {
      await handoff.signal(said('1'));
      await env.sleep(3 * HOUR);
      expect((await handoff.view()).messages).toMatchObject([
        { id: '1', deliveryStatus: 'undeliverable', reason: 'timed-out' },
      ]);
      down = false;
      await handoff.signal(said('2'));
      await env.sleep(1_000);
      await handoff.signal(closed(handoff, '2'));
      return handoff.result();
    });
    expect(view.messages.map(({ deliveryStatus }) => deliveryStatus)).toEqual(['undeliverable', 'delivered']);
    expect(view).toMatchObject({ undelivered: 1, relayed: { inbound: 1 } });
  });

  test('P15: a conversation the platform refuses to close is tried again until it is closed', async () => {
    const world = fakeWorld();
    let refusals = 3;
    world.on('closeConversation', () =>
      refusals-- > 0 ? refuses('rejected')() : Promise.resolve({ status: 'closed' as const }),
    );
    const view = await play(world, timers({ answerWithin: HOUR }), (handoff) => handoff.result());
    expect(view).toMatchObject({ state: 'closed', outcome: 'unanswered' });
    expect(world.names().filter((name) => name === 'closeConversation')).toHaveLength(4);
  });

  test('P16: an agent side that is down holds up the goodbye for seconds, not for a day, and still gets its messages', async () => {
    const world = fakeWorld();
    let isClosed = false;
    world.on('append', (request) => (isClosed ? taken(request) : failsForNow()));
    world.on('closeConversation', () => {
      isClosed = true;
      return Promise.resolve({ status: 'closed' as const });
    });
    const view = await play(world, timers({}), async (handoff) => {
      await until(handoff, 'waiting');
      await handoff.signal(said('1'));
      await handoff.signal(closed(handoff, '1'));
      return handoff.result();
    });
    expect(view.messages).toMatchObject([{ id: '1', deliveryStatus: 'delivered' }]);
  });

  test('a case that its agent opens again before the goodbye goes on', async () => {
    const world = fakeWorld();
    const view = await play(world, timers({ answerWithin: null }), async (handoff) => {
      await until(handoff, 'waiting');
      world.on('readMissed', async () => {
        world.on('readMissed', nothingMissed);
        await handoff.signal({ type: 'case-reopened', ...handoff.of, id: '2', at: AT });
        // The reading is not wanted any more. It may not end at that very moment: this server then stalls.
        return untilCancelled();
      });
      await handoff.signal(closed(handoff, '1'));
      await eventually(
        'it goes on',
        async () => world.names().includes('readMissed') && (await handoff.view()).state === 'waiting',
      );
      expect(world.names()).not.toContain('closeConversation');
      await handoff.signal(closed(handoff, '3'));
      return handoff.result();
    });
    expect(view).toMatchObject({ outcome: 'resolved', state: 'closed' });
    expect(world.names()).toContain('closeConversation');
  });

  const toOther = settingsWith({ routing: [{ to: 'other' }], ...timers({ answerWithin: HOUR }) });
  test.each([
    ['those of now', () => Promise.resolve(toOther), 'other'],
    ['the same, where those cannot be read', failsForNow, 'desk'],
  ])('the handoff that the bot asks for while one is closing begins with the settings: %s', async (_, read, to) => {
    const world = fakeWorld();
    world.on('readSettings', read);
    const view = await play(world, timers({ answerWithin: HOUR }), async (handoff) => {
      await until(handoff, 'waiting');
      await handoff.signal(agentSaid(handoff, '1'));
      world.on('closeConversation', async () => {
        world.on('closeConversation', () => Promise.resolve({ status: 'closed' as const }));
        await handoff.signal({ type: 'handoff-requested', id: 'again', nonce: 'ba9876543210', call: {} });
        return { status: 'closed' as const };
      });
      world.on('openCase', async () => {
        await handoff.signal(agentSaid(handoff, '1'));
        return { id: 'case-2' };
      });
      await handoff.signal(closed(handoff, '2'));
      return handoff.result();
    });
    expect(view).toMatchObject({ outcome: 'unanswered', case: { id: 'case-2' }, relayed: { outbound: 0 } });
    const opened = world.calls.filter(({ name }) => name === 'openCase').map(({ request }) => request.route);
    expect(opened).toMatchObject([{ contactCenter: 'desk' }, { contactCenter: to }]);
    // The agent's message of before has come again, and was not late then.
    expect(world.names()).not.toContain('noteEarlierCase');
  });

  test('a conversation that does not exist needs no closing', async () => {
    const world = fakeWorld();
    world.on('gather', refuses('not-found'));
    world.on('checkConversation', () => Promise.resolve({ status: 'not-found' }));
    const view = await play(world, timers({}), (handoff) => handoff.result());
    expect(view).toMatchObject({ outcome: 'unavailable', detail: 'The platform has no such conversation.' });
    expect(world.names()).toEqual(['gather', 'checkConversation']);
  });

  test('an opening that a new run interrupts has as much time as one that none does', async () => {
    const world = fakeWorld();
    world.on('openCase', failsForNow);
    let runs = new Set<string>();
    const view = await play(world, { ...timers({}), maxHistoryEvents: 30 }, async (handoff) => {
      runs = new Set([await handoff.runId()]);
      for (let i = 0; (await handoff.runId()) === [...runs][0]; i++) {
        await handoff.signal(said(String(i)));
        await env.sleep(1_000);
      }
      runs.add(await handoff.runId());
      return handoff.result();
    });
    expect(runs.size).toBe(2);
    expect(view).toMatchObject({ state: 'closed', outcome: 'unavailable' });
    expect(duration(view)).toBeGreaterThanOrEqual(HOUR - MINUTE);
    expect(duration(view)).toBeLessThan(HOUR + 5 * MINUTE);
    expect(new Set(view.messages.map(({ reason }) => reason))).toEqual(new Set(['no-case']));
  });

  test('a platform that takes no more messages holds up the end for a quarter of an hour, where it shows no representatives', async () => {
    const world = fakeWorld();
    world.on('send', failsForNow);
    const platform = { history: true, representatives: false, textLimit: 4_096 };
    const view = await play(world, { ...timers({ answerWithin: null }), platform }, async (handoff) => {
      await until(handoff, 'waiting');
      await handoff.signal(agentSaid(handoff, '1'));
      await handoff.signal(closed(handoff, '2'));
      return handoff.result();
    });
    expect(view).toMatchObject({ state: 'closed', outcome: 'resolved' });
    expect(duration(view)).toBeGreaterThanOrEqual(14 * MINUTE);
    expect(duration(view)).toBeLessThan(25 * MINUTE);
    expect(view.messages).toMatchObject([{ id: '1', deliveryStatus: 'undeliverable', reason: 'conversation-closed' }]);
  });

  test('an agent leaves before the conversation is given back, however long the platform takes to show it', async () => {
    const world = fakeWorld();
    const from = await env.currentTimeMs();
    let isUp = false;
    world.on('announce', async ({ change }) => {
      isUp ||= (await env.currentTimeMs()) - from > 2 * HOUR;
      return change === 'left' && !isUp ? failsForNow() : undefined;
    });
    const view = await play(world, timers({ answerWithin: null }), async (handoff) => {
      await until(handoff, 'waiting');
      await handoff.signal(agentSaid(handoff, '1'));
      await until(handoff, 'connected');
      await handoff.signal(closed(handoff, '2'));
      return handoff.result();
    });
    expect(duration(view)).toBeGreaterThan(1.5 * HOUR);
    const names = world.names();
    expect(names.filter((name) => name === 'announce').length).toBeGreaterThan(10);
    expect(names.lastIndexOf('announce')).toBeLessThan(names.indexOf('closeConversation'));
  });

  test('what is no event is dropped, and the handoff goes on', async () => {
    const world = fakeWorld();
    const view = await play(world, timers({}), async (handoff) => {
      await handoff.signal(null as never);
      await handoff.signal({ type: 'inbound' } as never);
      await handoff.signal({ type: 'agent-joined', ...handoff.of, id: '1', at: AT } as never);
      await handoff.signal({ type: 'nonsense', id: '1' } as never);
      await handoff.signal(said('/end'));
      return handoff.result();
    });
    expect(view).toMatchObject({ outcome: 'unanswered', relayed: { inbound: 1 } });
  });
});

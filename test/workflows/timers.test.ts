import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { SIGNALS, WORKFLOWS } from '../../domain/contract';
import type { HandoffEvent } from '../../domain/events';
import type { HandoffSettings, HandoffView } from '../../domain/handoff';
import { caseKey, handoffId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { failsForNow, fakeWorld, refuses, type FakeWorld } from '../support/fake-activities';
import { settingsWith } from '../support/handoff-simulation';
import { describeWith } from '../support/parts';
import { createTimeSkipping, testWorkflowBundle, timeSkippingMissing } from '../support/temporal';

const HOUR = 3_600_000;
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
    key(): Promise<string>;
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
    const input = { account: 'main', conversationId: randomUUID(), call: {}, settings: settingsWith(change) };
    const workflowId = handoffId(input);
    return worker.runUntil(async () => {
      const handle = await client.workflow.start(WORKFLOWS.handoff, { workflowId, taskQueue, args: [input] });
      return story({
        signal: (event) => handle.signal(SIGNALS.deliver, [event]),
        view: () => handle.query<HandoffView>('view'),
        key: () => Promise.resolve(caseKey(workflowId, handle.firstExecutionRunId)),
        result: () => handle.result() as Promise<HandoffView>,
      });
    });
  }

  const timers = (change: Partial<HandoffSettings['timers']>) => ({
    timers: { openWithin: HOUR, deliverWithin: 24 * HOUR, answerWithin: 72 * HOUR, ...change },
  });
  const said = (id: string): HandoffEvent => ({
    type: 'inbound',
    message: { id, at: new Date(0).toISOString(), content: { kind: 'text', text: 'hello' } },
  });

  test('nobody answers for three days: the end user is notified, both sides are closed', async () => {
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
      const key = await handoff.key();
      const at = new Date(0).toISOString();
      await handoff.signal({ type: 'agent-joined', caseKey: key, id: '1', at, agent: { name: 'Ana' } });
      await env.sleep(200 * HOUR);
      expect(await handoff.view()).toMatchObject({ state: 'connected' });
      await handoff.signal({ type: 'case-closed', caseKey: key, id: '2', at });
      return handoff.result();
    });
    expect(view).toMatchObject({ outcome: 'resolved' });
  });

  test('a contact center that takes nothing for an hour makes the handoff unavailable', async () => {
    const world = fakeWorld();
    world.on('openCase', failsForNow);
    const view = await play(world, timers({}), (handoff) => handoff.result());
    expect(view).toMatchObject({ outcome: 'unavailable' });
    expect(world.names().filter((name) => name === 'openCase').length).toBeGreaterThan(50);
    expect(world.names()).toContain('closeCase');
  });

  test('a message that cannot be delivered in time is undeliverable, its sender is notified, and the track goes on', async () => {
    const world = fakeWorld();
    let down = true;
    world.on('append', () => (down ? failsForNow() : Promise.resolve()));
    const view = await play(world, timers({ answerWithin: null, deliverWithin: 2 * HOUR }), async (handoff) => {
      await handoff.signal(said('1'));
      await env.sleep(3 * HOUR);
      expect((await handoff.view()).messages).toMatchObject([
        { id: '1', deliveryStatus: 'undeliverable', reason: 'timed-out' },
      ]);
      down = false;
      await handoff.signal(said('2'));
      await env.sleep(1_000);
      await handoff.signal({
        type: 'case-closed',
        caseKey: await handoff.key(),
        id: '2',
        at: new Date(0).toISOString(),
      });
      return handoff.result();
    });
    expect(view.messages.map(({ deliveryStatus }) => deliveryStatus)).toEqual(['undeliverable', 'delivered']);
    expect(view).toMatchObject({ undelivered: 1, relayed: { inbound: 1 } });
  });

  test('a conversation the platform refuses to close is tried again until it is closed', async () => {
    const world = fakeWorld();
    let refusals = 3;
    world.on('closeConversation', () => (refusals-- > 0 ? refuses('rejected')() : Promise.resolve()));
    const view = await play(world, timers({ answerWithin: HOUR }), (handoff) => handoff.result());
    expect(view).toMatchObject({ state: 'closed', outcome: 'unanswered' });
    expect(world.names().filter((name) => name === 'closeConversation')).toHaveLength(4);
  });

  test('an agent side that is down holds up the goodbye for seconds, not for a day, and still gets its messages', async () => {
    const world = fakeWorld();
    let closed = false;
    world.on('append', () => (closed ? Promise.resolve() : failsForNow()));
    world.on('closeConversation', () => {
      closed = true;
      return Promise.resolve();
    });
    const view = await play(world, timers({}), async (handoff) => {
      await eventually('there is a case', async () => (await handoff.view()).state === 'waiting');
      await handoff.signal(said('1'));
      await handoff.signal({
        type: 'case-closed',
        caseKey: await handoff.key(),
        id: '1',
        at: new Date(0).toISOString(),
      });
      return handoff.result();
    });
    expect(view.messages).toMatchObject([{ id: '1', deliveryStatus: 'delivered' }]);
  });

  test('a case that its agent opens again before the goodbye goes on', async () => {
    const world = fakeWorld();
    const at = new Date(0).toISOString();
    const view = await play(world, timers({ answerWithin: null }), async (handoff) => {
      const caseKey = await handoff.key();
      await eventually('there is a case', async () => (await handoff.view()).state === 'waiting');
      world.on('readMissed', async () => {
        world.on('readMissed', () => Promise.resolve([]));
        await handoff.signal({ type: 'case-reopened', caseKey, id: '2', at });
        return [];
      });
      await handoff.signal({ type: 'case-closed', caseKey, id: '1', at });
      await eventually(
        'it goes on',
        async () => world.names().includes('readMissed') && (await handoff.view()).state === 'waiting',
      );
      expect(world.names()).not.toContain('closeConversation');
      await handoff.signal({ type: 'case-closed', caseKey, id: '3', at });
      return handoff.result();
    });
    expect(view).toMatchObject({ outcome: 'resolved', state: 'closed' });
    expect(world.names()).toContain('closeConversation');
  });

  test('a conversation that does not exist needs no closing', async () => {
    const world = fakeWorld();
    world.on('gather', refuses('not-found'));
    const view = await play(world, timers({}), (handoff) => handoff.result());
    expect(view).toMatchObject({ outcome: 'unavailable', detail: 'The platform knows no such conversation.' });
    expect(world.names()).toEqual(['gather']);
  });

  test('what is no event is dropped, and the handoff goes on', async () => {
    const world = fakeWorld();
    const view = await play(world, timers({}), async (handoff) => {
      await handoff.signal(null as never);
      await handoff.signal({ type: 'inbound' } as never);
      await handoff.signal({ type: 'nonsense', id: '1' } as never);
      await handoff.signal(said('/end'));
      return handoff.result();
    });
    expect(view).toMatchObject({ outcome: 'unanswered', relayed: { inbound: 1 } });
  });
});

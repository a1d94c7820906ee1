import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { WORKFLOWS } from '../../domain/contract';
import { handoffId, PLATFORM, watchId } from '../../domain/ids';
import { codeOf, createDeployment, type Deployment } from '../support/deployment';
import { eventually } from '../support/eventually';
import { Exchange } from '../support/exchange';
import { startService, type Service } from '../support/service';
import { testWorkflowBundle } from '../support/temporal';

/** Workers of several versions, and the commands of docs/upgrades.md, while handoffs are under way. */
describe('an upgrade of the worker', () => {
  let service: Service;
  let deployment: Deployment;
  beforeEach(async () => {
    service = await startService({ worker: false });
    deployment = await createDeployment(service);
  });
  afterEach(async () => {
    await deployment.stop();
    await service.stop();
  });

  const today = () => ({ code: readFileSync(testWorkflowBundle().codePath, 'utf8') });
  const idOf = (conversationId: string) => handoffId({ account: service.account, conversationId });
  const handle = (workflowId: string, runId?: string) => service.client.workflow.getHandle(workflowId, runId);
  const faults = (match: string) => ({
    api: { next: [{ match, answer: 503 as const, times: 'always' as const, delayMs: 0 }] },
  });

  async function makeCurrent(buildId: string): Promise<void> {
    // A version is known once its workers have asked for tasks.
    await eventually(`version ${buildId} is current`, async () => {
      await deployment.follow('Make it current', { BUILD: buildId });
      return true;
    });
  }

  /** The versions that have done something in a run, in order; `none` for workers without one. */
  async function versionsIn(workflowId: string, runId?: string): Promise<string[]> {
    const { events } = await handle(workflowId, runId).fetchHistory();
    const all = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: completed }) =>
      completed ? [completed.deploymentVersion?.buildId || 'none'] : [],
    );
    return all.filter((version, i) => version !== all[i - 1]);
  }

  async function waiting(): Promise<Exchange> {
    const exchange = await Exchange.begin(service);
    await service.until(exchange.conversationId, 'waiting');
    exchange.ask();
    await exchange.reply();
    await exchange.untilArrived();
    return exchange;
  }

  test('from workers without a version to those with one and back changes nothing for a conversation', async () => {
    const plain = await deployment.start(today());
    const exchange = await waiting();
    const versioned = deployment.startProcess('1');
    await makeCurrent('1');
    await plain.stop();
    exchange.ask();
    await exchange.reply();
    await exchange.untilArrived();
    await deployment.start(today());
    await deployment.follow('Go back to workers without a version');
    await versioned.stop();
    exchange.ask();
    await exchange.reply();
    await exchange.untilArrived();
    expect(await versionsIn(idOf(exchange.conversationId))).toEqual(['none', '1', 'none']);
    await exchange.close();
  }, 240_000);

  test('in the middle of each phase of a handoff, and between two runs, keeps every message once and in order', async () => {
    const [firstCode, nextCode] = await Promise.all([codeOf('first'), codeOf('next')]);
    const first = await deployment.start(firstCode, '1');
    await makeCurrent('1');

    const active = await waiting();
    const closing = await waiting();
    const transferring = await waiting();
    const between = await untilBetweenRuns();
    service.infobip.faults.set(faults('PATCH .*'));
    await service.agent(closing.conversationId, 'close');
    await service.until(closing.conversationId, 'closing');
    service.desk.faults.set(faults('POST /cases$'));
    const opening = await Exchange.begin(service);
    const path = `/v1/handoffs/${encodeURIComponent(idOf(transferring.conversationId))}/transfer`;
    await service.operator.post(path, { to: 'desk', queue: 'Billing' });
    await eventually('one is being opened, one transferred', async () => {
      const [one, other] = await Promise.all([opening, transferring].map((it) => service.view(it.conversationId)));
      return one!.contactCenter === 'desk' && one!.state === 'opening' && other!.cases.length === 2;
    });

    const open = [active, transferring, between.exchange];
    for (const exchange of [...open, opening]) exchange.ask();
    await deployment.start(nextCode, '2');
    for (const exchange of open) await exchange.reply();
    await makeCurrent('2');
    for (const exchange of [...open, opening]) exchange.ask();
    await first.stop();
    service.infobip.faults.clear();
    service.desk.faults.clear();
    for (const exchange of [...open, opening]) await exchange.untilArrived();

    // Nothing but the watches finds what is said now: they go on with the new version too.
    service.infobip.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    service.desk.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    active.ask();
    await active.reply();
    await active.untilArrived();
    service.infobip.faults.clear();
    service.desk.faults.clear();
    for (const connection of [PLATFORM, 'desk']) {
      expect(await versionsIn(watchId(service.account, connection))).toEqual(['1', '2']);
    }

    for (const exchange of [...open, opening]) await exchange.close();
    await closing.expectClosed();
    for (const { conversationId } of [active, closing, transferring, opening]) {
      expect(await versionsIn(idOf(conversationId))).toEqual(['1', '2']);
    }
    const id = idOf(between.exchange.conversationId);
    expect([await versionsIn(id, between.runId), await versionsIn(id, between.nextRunId)]).toEqual([['1'], ['2']]);
    // What the next version does more is done in runs that it began, and in no other.
    const begunBy = async (workflowId: string) => (await handle(workflowId).describe()).memo?.begunBy;
    expect([await begunBy(id), await begunBy(idOf(active.conversationId))]).toEqual(['next', undefined]);
    expect(await sweep()).toEqual(['2']);
  }, 400_000);

  /** A handoff whose first run is over, and whose next one the first version cannot begin. */
  async function untilBetweenRuns() {
    const from = `CHAT-${randomUUID()}`;
    const past = { from, messages: [{ text: 'Hi' }], bot: 'paused' as const };
    const { conversationId } = service.infobip.endUsers.addConversation(past);
    const input = service.input(conversationId);
    input.settings.maxHistoryEvents = 60;
    const workflowId = handoffId(input);
    const options = { workflowId, taskQueue: service.taskQueue, args: [input] };
    const { firstExecutionRunId: runId } = await service.client.workflow.start(WORKFLOWS.handoff, options);
    await service.until(conversationId, 'waiting');
    const exchange = new Exchange(service, conversationId, from);
    const nextRunId = await eventually(
      'the first run is over',
      async () => {
        const latest = (await handle(workflowId).describe()).runId;
        if (latest !== runId) return latest;
        exchange.ask();
        await exchange.reply();
        return undefined;
      },
      { everyMs: 500 },
    );
    await eventually('the first version fails at the next run', async () => {
      const { raw } = await handle(workflowId).describe();
      return (raw.pendingWorkflowTask?.attempt ?? 0) > 1;
    });
    return { exchange, runId, nextRunId };
  }

  /** The versions that do the janitor's work. */
  async function sweep(): Promise<string[]> {
    const workflowId = `janitor-after-upgrade-${service.account}`;
    const args = [{ account: service.account }];
    await service.client.workflow.execute(WORKFLOWS.janitor, { workflowId, taskQueue: service.taskQueue, args });
    return versionsIn(workflowId);
  }
});

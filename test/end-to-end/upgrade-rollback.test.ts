import { readFileSync } from 'node:fs';
import { handoffId } from '../../domain/ids';
import { codeOf, createDeployment, type Deployment } from '../support/deployment';
import { eventually } from '../support/eventually';
import { Exchange } from '../support/exchange';
import { startService, type Service } from '../support/service';
import { testWorkflowBundle } from '../support/temporal';

/** Version 2 lacks a patch: no handoff that version 1 has begun can be replayed by it. */
describe('a bad version of the workflows', () => {
  let service: Service;
  let deployment: Deployment;
  beforeAll(async () => {
    service = await startService({ worker: false });
    deployment = await createDeployment(service);
    await deployment.start({ code: readFileSync(testWorkflowBundle().codePath, 'utf8') }, '1');
    await follow('Make it current', { BUILD: '1' });
    await deployment.start(await codeOf('unpatched'), '2');
  });
  afterAll(async () => {
    await deployment.stop();
    await service.stop();
  });

  /** A version is known once its workers have asked for tasks. */
  async function follow(heading: string, variables: Record<string, string>): Promise<void> {
    await eventually(`'${heading}' is done`, async () => {
      await deployment.follow(heading, variables);
      return true;
    });
  }

  const describeIt = async ({ conversationId }: Exchange) => {
    const workflow = service.client.workflow.getHandle(handoffId({ account: service.account, conversationId }));
    return (await workflow.describe()).raw;
  };
  const versionOf = async (exchange: Exchange) =>
    (await describeIt(exchange)).workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  const isStopped = async (exchange: Exchange) => ((await describeIt(exchange)).pendingWorkflowTask?.attempt ?? 0) > 1;

  async function waiting(): Promise<Exchange> {
    const exchange = await Exchange.begin(service);
    await service.until(exchange.conversationId, 'waiting');
    return exchange;
  }

  /** Ramps version 2 up in steps, with a message to each handoff at each, until one of them is stopped by it. */
  async function rampUntilOneIsStopped(exchanges: Exchange[]): Promise<Exchange[]> {
    for (const percent of [5, 15, 30, 45, 60, 75, 90]) {
      await follow('Ramp up', { BUILD: '2', PERCENT: String(percent) });
      exchanges.forEach((exchange) => exchange.ask());
      const stopped = await Promise.all(
        exchanges.map((exchange) =>
          eventually('the message has arrived, or the handoff is stopped', async () => {
            if (await exchange.hasArrived()) return { exchange, stopped: false };
            return (await isStopped(exchange)) ? { exchange, stopped: true } : undefined;
          }),
        ),
      );
      if (stopped.some((one) => one.stopped)) return stopped.flatMap((one) => (one.stopped ? [one.exchange] : []));
    }
    throw new Error('version 2 got no handoff');
  }

  test('is stopped by the ramp: it holds up a few handoffs until it is rolled back, and then all go on', async () => {
    const exchanges = await Promise.all(Array.from({ length: 8 }, waiting));
    const stopped = await rampUntilOneIsStopped(exchanges);
    const others = exchanges.filter((exchange) => !stopped.includes(exchange));
    expect(others.length).toBeGreaterThan(0);
    for (const exchange of others) {
      exchange.ask();
      await exchange.reply();
      await exchange.untilArrived();
    }
    // What is said to the others waits for them.
    for (const exchange of stopped) await exchange.reply();
    expect(await Promise.all(stopped.map((exchange) => exchange.hasArrived()))).not.toContain(true);

    await follow('Roll back', { BUILD: '2' });
    for (const exchange of exchanges) {
      await exchange.untilArrived();
      expect(await versionOf(exchange)).toBe('1');
      await exchange.close();
    }
  }, 400_000);

  test('keeps the handoffs that it has begun, while new ones begin with the version before', async () => {
    await follow('Ramp up', { BUILD: '2', PERCENT: '100' });
    const begunByIt = await waiting();
    expect(await versionOf(begunByIt)).toBe('2');
    begunByIt.ask();
    await follow('Keep what it has begun', { BUILD: '2' });
    await eventually('it is kept', async () => {
      const { workflowExecutionInfo } = await describeIt(begunByIt);
      return workflowExecutionInfo?.versioningInfo?.versioningOverride?.pinned?.version?.buildId === '2';
    });
    await follow('Roll back', { BUILD: '2' });
    await eventually('the list has it', async () =>
      (await deployment.follow('See what a version runs', { BUILD: '2' })).includes(begunByIt.conversationId),
    );
    const begunAfterwards = await waiting();
    for (const exchange of [begunByIt, begunAfterwards]) {
      exchange.ask();
      await exchange.reply();
      await exchange.untilArrived();
    }
    expect([await versionOf(begunByIt), await versionOf(begunAfterwards)]).toEqual(['2', '1']);
    for (const exchange of [begunByIt, begunAfterwards]) await exchange.close();
  }, 240_000);
});

import { LATE_MS } from '../../domain/limits';
import { handoffId } from '../../domain/ids';
import { textsOf } from './core';
import { eventually } from './eventually';
import type { RestorableServer } from './restorable-server';
import { startService, type Service } from './service';

type Handoff = Awaited<ReturnType<Service['handOff']>>;

/** What was so when Temporal was lost, and what is so in the end: for the tests of each database. */
export interface RestoreStory {
  /** Each open handoff of the backup, with what was written in it in each direction, whenever that was. */
  written: { inCase: string[]; toEndUser: string[] };
  arrived: { inCase: string[]; toEndUser: string[] };
  outcomes: Record<'talking' | 'resolved' | 'unheardOf', { conversation: string; case: string }>;
  stillRunning: number;
}

const ACCOUNT = { janitor: { every: '10s', unknown: 'close' } };
const always = (match: string) => ({ match, answer: 503 as const, times: 'always' as const, delayMs: 0 });

/**
 * A service whose Temporal is lost and restored from a backup: between the two, messages were delivered both ways,
 * others were accepted and still waited, one handoff has ended, and one has begun.
 */
export async function playRestore(server: RestorableServer): Promise<RestoreStory> {
  const service = await startService({ temporalAddress: server.address, account: ACCOUNT });
  try {
    return await play(service, server);
  } finally {
    await service.stop();
  }
}

async function play(service: Service, server: RestorableServer): Promise<RestoreStory> {
  const written = { inCase: [] as string[], toEndUser: [] as string[] };
  const [talking, resolved] = await Promise.all([service.handOff(), service.handOff()]);
  for (const { conversationId } of [talking, resolved]) await service.until(conversationId, 'waiting');
  const writes = async (when: string) => {
    written.inCase.push(`question ${when}`);
    written.toEndUser.push(`answer ${when}`);
    service.say(`question ${when}`, talking.from);
    const answer = { agent: { name: 'Ana' }, text: `answer ${when}` };
    await service.agent(talking.conversationId, 'messages', answer);
  };
  await writes('before the backup');
  await allRelayed(service, talking, 1);
  // On their way at the moment of the backup, and delivered after it.
  failSending(service);
  await writes('during the backup');
  await eventually('both have been tried', async () => (await retriedCalls(service, talking)) === 2);
  await server.backUp();

  clearFaults(service);
  await writes('after the backup');
  await allRelayed(service, talking, 3);
  await service.agent(resolved.conversationId, 'close');
  await service.until(resolved.conversationId, 'closed');
  const unheardOf = await service.handOff();
  await service.until(unheardOf.conversationId, 'waiting');
  failSending(service);
  await writes('that was accepted and never sent');
  await eventually('they wait', async () => (await service.view(talking.conversationId)).pending === 2);

  await service.stopWorker();
  const lostAt = Date.now();
  await server.restore();
  clearFaults(service);
  await eventually('as much time has passed as a restore takes at least', () => Date.now() - lostAt > LATE_MS, {
    withinMs: 2 * LATE_MS,
  });
  await service.startWorker();
  await sweepUntilSwept(service, unheardOf);
  await allRelayed(service, talking, 4);
  await service.agent(talking.conversationId, 'close');
  for (const { conversationId } of [talking, resolved]) await service.until(conversationId, 'closed');
  return summary(service, written, { talking, resolved, unheardOf });
}

async function retriedCalls({ account, client }: Service, { conversationId }: Handoff): Promise<number> {
  const { raw } = await client.workflow.getHandle(handoffId({ account, conversationId })).describe();
  return (raw.pendingActivities ?? []).filter(({ attempt }) => (attempt ?? 0) > 1).length;
}

function failSending(service: Service): void {
  service.infobip.faults.set({ api: { next: [always('POST .*/messages$')] } });
  service.desk.faults.set({ api: { next: [always('POST .*/messages$')] } });
}

function clearFaults(service: Service): void {
  service.infobip.faults.clear();
  service.desk.faults.clear();
}

/** By what each side holds: a restored handoff has forgotten what it had counted. */
async function allRelayed(service: Service, { conversationId }: Handoff, count: number): Promise<void> {
  await eventually(
    `${count} messages are there each way, and nothing waits`,
    async () => {
      const inCase = textsOf(await service.deskCase(conversationId));
      const { pending } = await service.view(conversationId);
      return inCase.length >= count && answersOf(service, conversationId).length >= count && pending === 0;
    },
    { withinMs: 180_000 },
  );
}

function answersOf(service: Service, conversationId: string): string[] {
  return service.received(conversationId).filter((text) => text.startsWith('answer'));
}

/** The janitor closes what Temporal has never heard of. */
async function sweepUntilSwept(service: Service, { conversationId }: Handoff): Promise<void> {
  const { account, client, taskQueue } = service;
  await eventually('the janitor has closed what nobody looks after', async () => {
    await client.workflow.execute('janitor', { workflowId: `sweep-${account}`, taskQueue, args: [{ account }] });
    return service.infobip.endUsers.conversation(conversationId)?.status === 'CLOSED';
  });
}

async function summary(
  service: Service,
  written: RestoreStory['written'],
  handoffs: Record<keyof RestoreStory['outcomes'], Handoff>,
): Promise<RestoreStory> {
  const { conversationId } = handoffs.talking;
  const inCase = textsOf(await service.deskCase(conversationId));
  const outcomes = await Promise.all(
    Object.entries(handoffs).map(async ([name, one]) => [
      name,
      {
        conversation: service.infobip.endUsers.conversation(one.conversationId)?.status,
        case: (await service.deskCase(one.conversationId)).status,
      },
    ]),
  );
  // A workflow goes on for a moment after it has closed the case: its watches are notified.
  await eventually('no handoff runs', async () => (await runningOf(service, Object.values(handoffs))) === 0);
  return {
    written,
    arrived: { inCase, toEndUser: answersOf(service, conversationId) },
    outcomes: Object.fromEntries(outcomes) as RestoreStory['outcomes'],
    stillRunning: await runningOf(service, Object.values(handoffs)),
  };
}

async function runningOf(service: Service, handoffs: Handoff[]): Promise<number> {
  const statuses = await Promise.all(
    handoffs.map(async ({ conversationId }) => {
      const id = handoffId({ account: service.account, conversationId });
      const described = await service.client.workflow
        .getHandle(id)
        .describe()
        .catch(() => undefined);
      return described?.status.name;
    }),
  );
  return statuses.filter((status) => status === 'RUNNING').length;
}

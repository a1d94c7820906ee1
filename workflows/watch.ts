import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  proxyActivities,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { WatchActivities } from '../activities';
import {
  QUERIES,
  SIGNALS,
  watchTaskQueue,
  type RegisteredHandoff,
  type WatchInput,
  type WatchRegister,
} from '../domain/contract';

const register = defineSignal<[RegisteredHandoff[]]>(SIGNALS.register);
const unregister = defineSignal<[string[]]>(SIGNALS.unregister);
const active = defineSignal<[string[]]>(SIGNALS.active);
const pollNow = defineSignal(SIGNALS.pollNow);
const readRegister = defineQuery<WatchRegister | null, [number]>(QUERIES.register);

/** A watch that has nothing to poll for stays for this long: the next handoff is often not far. */
const IDLE_MS = 2 * 60_000;
/** What the register may hold, in characters of ids: it travels as one payload. Beyond it the janitor finds what is missed. */
const MAX_REGISTERED_CHARACTERS = 1_000_000;

/**
 * Watches one connection for as long as handoffs are registered for it: it finds what no webhook brings. Its cursor
 * outlives it in the memo, so that the next watch reads on from there, however this one ended.
 */
export async function watch(input: WatchInput): Promise<void> {
  const { watchConnection } = proxyActivities<WatchActivities>({
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '10m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
  });
  const handoffs = new Map(input.handoffs.map((one) => [one.handoffId, one.activeAt]));
  let { cursor } = input;
  answer(handoffs);
  while (!workflowInfo().continueAsNewSuggested) {
    const isNeeded = await condition(() => handoffs.size > 0, IDLE_MS, { summary: 'Nothing to watch' });
    if (!isNeeded) return;
    const { account, connection } = input;
    const before = cursor;
    ({ cursor } = await watchConnection({ account, connection, cursor }));
    if (cursor !== before) upsertMemo({ cursor });
  }
  await continueAsNew<typeof watch>({ ...input, cursor, handoffs: entriesOf(handoffs) });
}

function answer(handoffs: Map<string, number>): void {
  let version = 0;
  let polls = 0;
  setHandler(register, (entries) => {
    let characters = [...handoffs.keys()].reduce((sum, { length }) => sum + length, 0);
    for (const { handoffId, activeAt } of entries) {
      if (!handoffs.has(handoffId)) characters += handoffId.length;
      if (characters <= MAX_REGISTERED_CHARACTERS) handoffs.set(handoffId, activeAt);
    }
    version++;
  });
  setHandler(unregister, (ids) => {
    for (const id of ids) handoffs.delete(id);
    version++;
  });
  setHandler(active, (ids) => {
    for (const id of ids) if (handoffs.has(id)) handoffs.set(id, Date.now());
    version++;
  });
  setHandler(pollNow, () => {
    polls++;
    version++;
  });
  setHandler(readRegister, (known) =>
    known === version ? null : { version, pollNow: polls, handoffs: entriesOf(handoffs) },
  );
}

function entriesOf(handoffs: Map<string, number>): RegisteredHandoff[] {
  return [...handoffs].map(([handoffId, activeAt]) => ({ handoffId, activeAt }));
}

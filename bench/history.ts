import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Run } from './contender';

/** Longer than what follows the vendor's answer takes to be written down. */
const PAUSE_MS = 300;

/** How many events the histories hold together, once they have come to rest. */
export async function countEvents(client: Client, runs: Run[]): Promise<number> {
  for (let before = -1; ; await sleep(PAUSE_MS)) {
    const lengths = await Promise.all(runs.map((run) => historyLength(client, run)));
    const now = lengths.reduce((sum, length) => sum + length, 0);
    if (now === before) return now;
    before = now;
  }
}

async function historyLength(client: Client, { workflowId, runId }: Run): Promise<number> {
  const { status, historyLength } = await client.workflow.getHandle(workflowId, runId).describe();
  if (status.name === 'RUNNING') return historyLength;
  throw new Error(`${workflowId} is ${status.name}: events can be counted within one run only; send fewer messages.`);
}

import type { Client } from '@temporalio/client';
import { WORKFLOWS } from '../../domain/contract';
import { parseHandoffId } from '../../domain/ids';

export interface OpenHandoff {
  handoffId: string;
  conversationId: string;
  startedAt: Date;
}

/** Account names hold no quotes: the settings see to that. */
function openQuery(account: string): string {
  return `WorkflowType = '${WORKFLOWS.handoff}' AND ExecutionStatus = 'Running' AND HandoffAccount = '${account}'`;
}

/** Eventually consistent: good to find what was missed, never to decide where an event belongs. */
export async function isAnyHandoffOpen(client: Client, account: string): Promise<boolean> {
  const { count } = await client.workflow.count(openQuery(account));
  return count > 0;
}

export async function listOpenHandoffs(client: Client, account: string): Promise<OpenHandoff[]> {
  const found: OpenHandoff[] = [];
  for await (const { workflowId, startTime } of client.workflow.list({ query: openQuery(account), pageSize: 500 })) {
    const ref = parseHandoffId(workflowId);
    if (ref) found.push({ handoffId: workflowId, conversationId: ref.conversationId, startedAt: startTime });
  }
  return found;
}

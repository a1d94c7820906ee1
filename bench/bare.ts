import { CONVERSATIONS, type Contender } from './contender';
import type { Parts } from './parts';

/** The least that is durable, which everything else is compared with: see bare/. */
export async function openBare({ client, bareUrl }: Parts, name: string): Promise<Contender> {
  const workflows = await Promise.all(
    Array.from({ length: CONVERSATIONS }, async (_, n) => {
      const workflowId = `${name}-${n}`;
      const { firstExecutionRunId: runId } = await client.workflow.start('relay', { workflowId, taskQueue: 'bare' });
      return { workflowId, runId };
    }),
  );
  return {
    name,
    workflows,
    webhook: (n, text) => ({
      url: `${bareUrl}/webhooks/${encodeURIComponent(workflows[n]!.workflowId)}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    }),
  };
}

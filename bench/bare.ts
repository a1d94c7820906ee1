import { CONVERSATIONS, type Contender } from './contender';
import type { Parts } from './parts';

/** The least that is durable, which everything else is compared with: see bare/. */
export async function openBare({ client, bareUrl }: Parts): Promise<Contender> {
  const workflows = await Promise.all(
    Array.from({ length: CONVERSATIONS }, async (_, n) => {
      const workflowId = `bare-${n}`;
      const { firstExecutionRunId: runId } = await client.workflow.start('relay', { workflowId, taskQueue: 'bare' });
      return { workflowId, runId };
    }),
  );
  return {
    name: 'bare minimum',
    workflows,
    webhook: (n, text) => ({
      url: `${bareUrl}/webhooks/${workflows[n]!.workflowId}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    }),
  };
}

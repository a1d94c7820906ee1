import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SIGNALS, WORKFLOWS, type HandoffInput } from '../../domain/contract';
import { handoffId } from '../../domain/ids';
import { findTemporalBinary } from '../../sandbox/launch/temporal-binary';
import type { Core } from '../support/core';
import { eventually } from '../support/eventually';
import { testAddress } from '../support/temporal';

/** A new run begins after so many events; a handoff without a message in it has fewer. */
const EVENTS_PER_RUN = 60;

/** What recording needs of a service, whichever its platform. */
export function recorderOf(service: Core) {
  const idOf = (conversationId: string) => handoffId({ account: service.account, conversationId });
  const handle = (workflowId: string) => service.client.workflow.getHandle(workflowId);

  /** Writes down a run of any workflow, its latest one unless another is named, as it is now. */
  async function recordWorkflow(name: string, workflowId: string, runId?: string): Promise<void> {
    const binary = await findTemporalBinary({ env: process.env, report: () => undefined });
    const run = runId ? ['--run-id', runId] : [];
    const args = ['workflow', 'show', '--address', testAddress(), '--workflow-id', workflowId, ...run];
    const json = execFileSync(binary, [...args, '--output', 'json'], { maxBuffer: 64 * 1024 * 1024 });
    writeFileSync(join(__dirname, 'histories', `${name}.json`), json);
  }

  return {
    idOf,
    recordWorkflow,

    /** Writes down a handoff once it is over, to its very last event. */
    async record(name: string, conversationId: string, runId?: string): Promise<void> {
      await service.until(conversationId, 'closed');
      await handle(idOf(conversationId))
        .result()
        .catch(() => undefined); // A cancelled one has none.
      await recordWorkflow(name, idOf(conversationId), runId);
    },

    /** Starts a handoff whose settings are changed, and answers the id of its first run. */
    async begin(conversationId: string, change: (settings: HandoffInput['settings']) => void): Promise<string> {
      // The account's own settings stay as they are.
      const input = structuredClone(service.input(conversationId));
      change(input.settings);
      const options = { workflowId: handoffId(input), taskQueue: service.taskQueue, args: [input] };
      return (await service.client.workflow.start(WORKFLOWS.handoff, options)).firstExecutionRunId;
    },

    /** For {@link begin}: a new run begins soon. */
    shortRuns: (settings: HandoffInput['settings']): void => {
      settings.maxHistoryEvents = EVENTS_PER_RUN;
    },

    /**
     * Lets a handoff's history grow, by events that change nothing, until its next run begins. Answers the id of the run
     * that it was in.
     */
    async untilNextRun(conversationId: string): Promise<string> {
      const running = handle(idOf(conversationId));
      const { runId } = await running.describe();
      const grow = async () => {
        await running.signal(SIGNALS.deliver, []);
        await service.view(conversationId);
        return (await running.describe()).runId !== runId;
      };
      await eventually('a new run began', grow, { everyMs: 250 });
      return runId;
    },

    operate: (conversationId: string, command: string, body: object) =>
      service.operator.post(`/v1/handoffs/${encodeURIComponent(idOf(conversationId))}/${command}`, body),
  };
}

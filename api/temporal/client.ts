import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { QUERIES, SIGNALS, UPDATES, WORKFLOWS, type HandoffInput, type HandoffResult } from '../../domain/contract';
import type { HandoffEvent } from '../../domain/events';
import type { HandoffView, StartState } from '../../domain/handoff';
import { handoffId, PLATFORM, watchId } from '../../domain/ids';
import { splitForSignals } from '../../domain/limits';
import { ATTRIBUTE, type SearchAttribute } from '../../domain/search-attributes';
import { Problem } from '../http/problem';
import { asUnavailable, type AnsweredBy } from './errors';
import { readExecution, type Execution, type HandoffMemo } from './execution';

/** The Temporal client retries for half a minute; no caller waits longer than this. */
const DEADLINE_MS = 3_000;

const PING_DEADLINE_MS = 1_000;

/** A page of executions by a visibility query. */
interface PageRequest {
  query: string;
  pageSize: number;
  nextPageToken?: Uint8Array;
}

/** The one module that speaks to Temporal: each call within a deadline, each failure a {@link Problem}. */
export type Temporal = ReturnType<typeof createTemporal>;

export function createTemporal(client: Client, taskQueue: string, onUnavailable: () => void) {
  const { namespace } = client.options;
  const handle = (id: string) => client.workflow.getHandle(id);

  async function within<T>(call: () => Promise<T>, by: AnsweredBy = 'server', ms = DEADLINE_MS): Promise<T> {
    try {
      return await client.connection.withDeadline(Date.now() + ms, call);
    } catch (error) {
      const problem = asUnavailable(error, by, namespace);
      if (!problem) throw error;
      onUnavailable();
      throw problem;
    }
  }

  async function signal(id: string, name: string, ...args: unknown[]): Promise<boolean> {
    const sent = await ifFound(() => within(() => handle(id).signal(name, ...args)).then(() => true));
    return sent ?? false;
  }

  async function describe(id: string): Promise<Execution | undefined> {
    const description = await ifFound(() => within(() => handle(id).describe()));
    return description && readExecution(description.raw.workflowExecutionInfo ?? {});
  }

  function result({ handoffId: id, runId }: Execution): Promise<HandoffResult> {
    return within(async () => (await client.workflow.getHandle(id, runId).result()) as HandoffResult);
  }

  return {
    namespace,

    /** Starts a handoff; `existing` where one is running for this conversation. */
    async start(input: HandoffInput, details: string, memo: HandoffMemo): Promise<'accepted' | 'existing'> {
      const options = {
        workflowId: handoffId(input),
        taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        memo: { ...memo },
        typedSearchAttributes: searchAttributesAtStart(input.account),
        staticSummary: `Handoff of account ${input.account}`,
        staticDetails: details,
      } as const;
      try {
        await within(() => client.workflow.start(WORKFLOWS.handoff, options));
        return 'accepted';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'existing';
        throw error;
      }
    },

    /** Whether a running handoff has the events now, durably and in order. */
    async deliver(id: string, events: HandoffEvent[]): Promise<boolean> {
      for (const part of splitForSignals(events)) {
        if (!(await signal(id, SIGNALS.deliver, part))) return false;
      }
      return true;
    },

    /** Has a connection's feed polled at once; nothing where nobody watches it. */
    async pollNow(account: string, connection: string): Promise<void> {
      await signal(watchId(account, connection), SIGNALS.pollNow);
    },

    /** Something was said in these handoffs just now: their platform's watch is to look there more often. */
    async active(account: string, handoffIds: string[]): Promise<void> {
      await signal(watchId(account, PLATFORM), SIGNALS.active, handoffIds);
    },

    /** Undefined where there is no such handoff. */
    view: (id: string, ms?: number): Promise<HandoffView | undefined> =>
      ifFound(() => within(() => handle(id).query<HandoffView>(QUERIES.view), 'worker', ms)),

    /** Which of these event keys have never reached the handoff; none where it cannot be asked any more. */
    async unseen(id: string, keys: string[]): Promise<string[]> {
      const execution = await describe(id);
      if (execution?.completed) {
        const seen = new Set((await result(execution)).seen);
        return keys.filter((key) => !seen.has(key));
      }
      const query = () => handle(id).query<string[], [string[]]>(QUERIES.unseen, keys);
      return (await ifFound(() => within(query, 'worker'))) ?? [];
    },

    /** Waits until the state is known; undefined where the handoff has ended before it could be asked. */
    awaitState: (id: string, ms: number): Promise<StartState | undefined> =>
      ifFound(() => within(() => handle(id).executeUpdate<StartState, []>(UPDATES.awaitState), 'worker', ms)),

    /** A person's command. Throws 404 where no such handoff runs, and 409 with the handoff's reason to refuse. */
    async command(id: string, name: string, request: object): Promise<HandoffView> {
      try {
        const options = { args: [request] as [object] };
        return await within(() => handle(id).executeUpdate<HandoffView, [object]>(name, options), 'worker');
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) throw new Problem(404, 'No handoff with this id is open.');
        if (error instanceof WorkflowUpdateFailedError) {
          throw new Problem(409, error.cause?.message ?? 'The handoff does not accept this in its present state.');
        }
        throw error;
      }
    },

    /** The latest execution of this id, whether or not a worker runs; undefined where there is none. */
    describe,

    /** What a handoff that has ended by itself left behind. No worker is asked, which would have to replay it. */
    result,

    async list(request: PageRequest): Promise<{ executions: Execution[]; nextPageToken?: Uint8Array }> {
      const call = () => client.workflowService.listWorkflowExecutions({ namespace, ...request });
      const { executions, nextPageToken } = await within(call);
      return {
        executions: executions.map(readExecution),
        ...(nextPageToken?.length && { nextPageToken }),
      };
    },

    /** Throws a 503 where Temporal does not answer. */
    async ping(): Promise<void> {
      await within(() => client.workflowService.getSystemInfo({}), 'server', PING_DEADLINE_MS);
    },
  };
}

/** Calls a workflow; undefined where there is none of this id, or where it would have to run and does not. */
async function ifFound<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function searchAttributesAtStart(account: string): SearchAttributePair[] {
  const keyword = (name: SearchAttribute, value: string) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value });
  return [keyword(ATTRIBUTE.account, account), keyword(ATTRIBUTE.state, 'opening')];
}

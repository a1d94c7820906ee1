import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { defineSearchAttributeKey, NamespaceNotFoundError, type SearchAttributePair } from '@temporalio/common';
import { searchAttributesCommand } from '../domain/search-attributes';
import { QUERIES, SIGNALS, UPDATES, WORKFLOWS, type HandoffInput } from '../domain/contract';
import type { HandoffEvent } from '../domain/events';
import type { HandoffView, Verdict } from '../domain/handoff';
import { handoffId } from '../domain/ids';
import { Problem, unavailable } from './http/problem';

/** No caller waits longer than this for Temporal, whose client would try again for half a minute. */
const DEADLINE_MS = 3_000;

/** Whether a call ends at the server, or has to be answered by a worker. */
type AnsweredBy = 'server' | 'worker';

/** The one place where the API speaks to Temporal: each call within a deadline, each failure a {@link Problem}. */
export type Temporal = ReturnType<typeof createTemporal>;

export function createTemporal(client: Client, taskQueue: string, onUnavailable: () => void) {
  const { namespace } = client.options;

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

  const handle = (id: string) => client.workflow.getHandle(id);

  return {
    namespace,
    client,
    within,

    /** Starts a handoff; `existing` where one is running for this conversation. */
    async start(input: HandoffInput, staticDetails: string): Promise<'accepted' | 'existing'> {
      try {
        await within(() =>
          client.workflow.start(WORKFLOWS.handoff, {
            workflowId: handoffId(input),
            taskQueue,
            args: [input],
            workflowIdConflictPolicy: 'FAIL',
            typedSearchAttributes: searchAttributesAtStart(input.account),
            staticSummary: `Handoff of account ${input.account}`,
            staticDetails,
          }),
        );
        return 'accepted';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'existing';
        throw error;
      }
    },

    /** Whether a running handoff has the events now, for good. */
    async deliver(id: string, events: HandoffEvent[]): Promise<boolean> {
      const delivered = await ifFound(async () => {
        await within(() => handle(id).signal(SIGNALS.deliver, events));
        return true;
      });
      return delivered ?? false;
    },

    /** Undefined where there is no such handoff. */
    view: (id: string, ms?: number): Promise<HandoffView | undefined> =>
      ifFound(() => within(() => handle(id).query<HandoffView>(QUERIES.view), 'worker', ms)),

    /** Waits for the verdict; undefined where the handoff has ended before it could be asked. */
    verdict: (id: string, ms: number): Promise<Verdict | undefined> =>
      ifFound(() => within(() => handle(id).executeUpdate<Verdict, []>(UPDATES.verdict), 'worker', ms)),

    /** A person's command. Throws 404 where no such handoff runs, and 409 with the handoff's reason to refuse. */
    async command(id: string, name: string, arg: string): Promise<HandoffView> {
      try {
        return await within(() => handle(id).executeUpdate<HandoffView, [string]>(name, { args: [arg] }), 'worker');
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) throw new Problem(404, 'No such handoff is open.');
        if (error instanceof WorkflowUpdateFailedError) {
          throw new Problem(409, error.cause?.message ?? 'The handoff refuses this in its present state.');
        }
        throw error;
      }
    },

    async isRunning(id: string): Promise<boolean> {
      const description = await ifFound(() => within(() => handle(id).describe()));
      return description?.status.name === 'RUNNING';
    },

    /** Throws a 503 where Temporal does not answer within a second. */
    async ping(): Promise<void> {
      await within(() => client.workflowService.getSystemInfo({}), 'server', 1_000);
    },
  };
}

/** Calls a workflow; undefined where there is none of this id, or none that still runs where it would have to. */
async function ifFound<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function searchAttributesAtStart(account: string): SearchAttributePair[] {
  return [
    { key: defineSearchAttributeKey('HandoffAccount', 'KEYWORD'), value: account },
    { key: defineSearchAttributeKey('HandoffState', 'KEYWORD'), value: 'opening' },
  ];
}

/** gRPC's status codes, by which Temporal says what is wrong. */
const GRPC = { INVALID_ARGUMENT: 3, DEADLINE_EXCEEDED: 4, RESOURCE_EXHAUSTED: 8, FAILED_PRECONDITION: 9 } as const;

/** CANCELLED, UNKNOWN, PERMISSION_DENIED, ABORTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED: nothing a caller can help. */
const UNREACHABLE = [1, 2, 7, 10, 13, 14, 16];

function asUnavailable(error: unknown, by: AnsweredBy, namespace: string): Problem | undefined {
  if (error instanceof NamespaceNotFoundError) {
    return unavailable('Temporal does not know the configured namespace.', { cause: error });
  }
  const fromServer = error instanceof ServiceError || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
  const cause = (fromServer ? error.cause : error) as { code?: unknown; details?: string } | undefined;
  const code = typeof cause?.code === 'number' ? cause.code : undefined;
  if (code === undefined) return undefined;
  if (by === 'worker' && (code === GRPC.DEADLINE_EXCEEDED || code === GRPC.FAILED_PRECONDITION)) {
    const detail = 'No worker has answered in time; what was asked for may still happen once one does.';
    return unavailable(detail, { cause });
  }
  if (code === GRPC.RESOURCE_EXHAUSTED) return unavailable('Temporal is too busy at the moment.', { cause });
  if (code === GRPC.DEADLINE_EXCEEDED) return unavailable('Temporal has not answered in time.', { cause });
  if (UNREACHABLE.includes(code)) {
    return unavailable('Temporal cannot be reached.', { cause });
  }
  if (code === GRPC.INVALID_ARGUMENT && /search attribute/i.test(cause?.details ?? '')) {
    const hint = new Error(`${cause?.details}. Run: ${searchAttributesCommand(namespace)}`);
    return unavailable('Temporal lacks the search attributes of handoffs; the log says how to add them.', {
      cause: hint,
    });
  }
  return undefined;
}

import { ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { searchAttributesCommand } from '../../domain/search-attributes';
import { unavailable, type Problem } from '../http/problem';

/** Whether a call ends at the server, or has to be answered by a worker. */
export type AnsweredBy = 'server' | 'worker';

/** The status codes of gRPC that the API tells apart. */
const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
} as const;

/** How a server says that no worker has answered: at our deadline it may be the one that cancels the call. */
const NO_ANSWER: number[] = [GRPC.CANCELLED, GRPC.DEADLINE_EXCEEDED, GRPC.FAILED_PRECONDITION];

/** CANCELLED, UNKNOWN, PERMISSION_DENIED, ABORTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED: not the caller's fault. */
const UNREACHABLE = [1, 2, 7, 10, 13, 14, 16];

/** A failed call as a 503, or undefined where Temporal did answer. */
export function asUnavailable(error: unknown, by: AnsweredBy, namespace: string): Problem | undefined {
  if (error instanceof NamespaceNotFoundError) {
    return unavailable('The configured Temporal namespace does not exist.', { cause: error });
  }
  const fromServer = error instanceof ServiceError || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
  const cause = (fromServer ? error.cause : error) as { code?: unknown; details?: string } | undefined;
  const code = typeof cause?.code === 'number' ? cause.code : undefined;
  if (code === undefined) return undefined;
  if (by === 'worker' && NO_ANSWER.includes(code)) {
    return unavailable('No worker answered in time. The request may still take effect.', { cause });
  }
  if (code === GRPC.RESOURCE_EXHAUSTED) return unavailable('Temporal is over its rate limit.', { cause });
  if (code === GRPC.DEADLINE_EXCEEDED) return unavailable('Temporal did not answer in time.', { cause });
  if (UNREACHABLE.includes(code)) return unavailable('Temporal cannot be reached.', { cause });
  if (code === GRPC.INVALID_ARGUMENT && /search attribute/i.test(cause?.details ?? '')) {
    const hint = new Error(`${cause?.details}. Run: ${searchAttributesCommand(namespace)}`);
    const detail = 'Temporal lacks the search attributes of handoffs. The log shows the command that adds them.';
    return unavailable(detail, { cause: hint });
  }
  return undefined;
}

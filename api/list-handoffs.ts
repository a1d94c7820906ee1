import { defaultPayloadConverter } from '@temporalio/common';
import type { z } from 'zod';
import { WORKFLOWS } from '../domain/contract';
import { HANDOFF_STATES, type HandoffStatus } from '../domain/handoff';
import { parseHandoffId } from '../domain/ids';
import { Problem } from './problem';
import type { HandoffItem, listQuery } from './schemas';
import type { Temporal } from './temporal';

type ListQuery = z.output<typeof listQuery>;
type Response = Awaited<ReturnType<Temporal['client']['workflowService']['listWorkflowExecutions']>>;
type Execution = Response['executions'][number];

/** gRPC's INVALID_ARGUMENT: what a page token that the server never gave out ends in. */
const INVALID_ARGUMENT = 3;

/** One page of handoffs, newest first, a second or so behind what is true. */
export async function listHandoffs(
  temporal: Temporal,
  query: ListQuery,
): Promise<{ items: HandoffItem[]; nextPageToken?: string }> {
  const request = {
    namespace: temporal.namespace,
    query: visibilityQuery(query),
    pageSize: query.limit,
    nextPageToken: pageTokenBytes(query.pageToken),
  };
  const response = await temporal
    .within(() => temporal.client.workflowService.listWorkflowExecutions(request))
    .catch((error: unknown) => {
      if (query.pageToken && (error as { code?: unknown }).code === INVALID_ARGUMENT) throw badPageToken();
      throw error;
    });
  const next = Buffer.from(response.nextPageToken ?? []).toString('base64url');
  return { items: response.executions.flatMap(item), ...(next && { nextPageToken: next }) };
}

/** The filter in the language of Temporal's visibility store. */
export function visibilityQuery({ account, state, queue, case: caseId, undelivered }: ListQuery): string {
  const equal = Object.entries({
    HandoffAccount: account,
    HandoffState: state,
    HandoffQueue: queue,
    HandoffCase: caseId,
  })
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([name, value]) => `${name} = ${quoted(value)}`);
  const failed = undelivered ? ['HandoffUndelivered > 0'] : [];
  return [`WorkflowType = '${WORKFLOWS.handoff}'`, ...equal, ...failed].join(' AND ');
}

function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

function pageTokenBytes(token: string | undefined): Uint8Array | undefined {
  if (token === undefined) return undefined;
  if (!/^[\w-]+$/.test(token)) throw badPageToken();
  return Buffer.from(token, 'base64url');
}

function badPageToken(): Problem {
  return new Problem(400, 'The page token is not one of ours.', {
    errors: [{ path: 'pageToken', message: 'use the nextPageToken of the page before' }],
  });
}

function item(execution: Execution): HandoffItem[] {
  const handoffId = execution.execution?.workflowId ?? '';
  const ref = parseHandoffId(handoffId);
  if (!ref) return [];
  const attribute = <T>(name: string): T | undefined => {
    const payload = execution.searchAttributes?.indexedFields?.[name];
    return payload ? defaultPayloadConverter.fromPayload<T>(payload) : undefined;
  };
  const state = attribute<HandoffStatus>('HandoffState');
  return [
    {
      handoffId,
      ...ref,
      state: HANDOFF_STATES.find((known) => known === state),
      queue: attribute<string>('HandoffQueue'),
      case: attribute<string>('HandoffCase'),
      startedAt: isoTime(execution.startTime ?? {}),
      closedAt: execution.closeTime ? isoTime(execution.closeTime) : undefined,
      undelivered: attribute<number>('HandoffUndelivered') ?? 0,
    },
  ];
}

function isoTime(time: NonNullable<Execution['startTime']>): string {
  return new Date(Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6).toISOString();
}

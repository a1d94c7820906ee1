import { defaultPayloadConverter } from '@temporalio/common';
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { WORKFLOWS } from '../../domain/contract';
import { HANDOFF_STATES, type HandoffStatus } from '../../domain/handoff';
import { parseHandoffId } from '../../domain/ids';
import { Problem } from '../http/problem';
import type { HandoffItem, listQuery } from './schemas';
import type { Temporal } from '../temporal';

type ListQuery = z.output<typeof listQuery>;
type Response = Awaited<ReturnType<Temporal['client']['workflowService']['listWorkflowExecutions']>>;
type Execution = Response['executions'][number];

/** One page of handoffs, newest first, a second or so behind what is true. */
export async function listHandoffs(
  temporal: Temporal,
  query: ListQuery,
): Promise<{ items: HandoffItem[]; nextPageToken?: string }> {
  const filter = visibilityQuery(query);
  const nextPageToken = query.pageToken === undefined ? undefined : openPageToken(query.pageToken, filter);
  const { namespace, client } = temporal;
  const request = { namespace, query: filter, pageSize: query.limit, nextPageToken };
  const page = await temporal.within(() => client.workflowService.listWorkflowExecutions(request));
  const isLast = !page.nextPageToken?.length;
  return {
    items: page.executions.flatMap(item),
    ...(!isLast && { nextPageToken: sealPageToken(page.nextPageToken, filter) }),
  };
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

const CHECK_BYTES = 8;

/**
 * The server's token behind a checksum over it and the filter. Stores differ in what they answer to a token that is
 * damaged or was made for another filter, if they notice; so it is noticed here.
 */
function sealPageToken(token: Uint8Array, filter: string): string {
  return Buffer.concat([checksum(token, filter), token]).toString('base64url');
}

function openPageToken(sealed: string, filter: string): Uint8Array {
  const bytes = Buffer.from(sealed, 'base64url');
  const token = bytes.subarray(CHECK_BYTES);
  if (token.length > 0 && checksum(token, filter).equals(bytes.subarray(0, CHECK_BYTES))) return token;
  const errors = [{ path: 'pageToken', message: 'is not the nextPageToken of a page of this query' }];
  throw new Problem(400, 'The query is not valid.', { errors });
}

function checksum(token: Uint8Array, filter: string): Buffer {
  return createHash('sha256').update(filter).update(token).digest().subarray(0, CHECK_BYTES);
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

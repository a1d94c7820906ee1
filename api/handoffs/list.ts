import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { WORKFLOWS } from '../../domain/contract';
import { HANDOFF_STATES, OUTCOMES } from '../../domain/handoff';
import { parseHandoffId } from '../../domain/ids';
import { ATTRIBUTE, quoted, searchable, type SearchAttribute } from '../../domain/search-attributes';
import { Problem } from '../http/problem';
import type { Temporal } from '../temporal/client';
import type { Execution } from '../temporal/execution';
import type { HandoffItem, handoffPage, listQuery } from './schemas';

type ListQuery = z.output<typeof listQuery>;

/** One page of handoffs, newest first, as Temporal's visibility store knows them: a second or so behind. */
export async function listHandoffs(
  temporal: Temporal,
  query: ListQuery,
  accounts: string[] | undefined,
): Promise<z.output<typeof handoffPage>> {
  const filter = visibilityQuery(query, accounts);
  const token = query.pageToken === undefined ? undefined : openPageToken(query.pageToken, filter);
  const page = await temporal.list({ query: filter, pageSize: query.limit, nextPageToken: token });
  return {
    items: page.executions.flatMap((execution) => toItem(execution) ?? []),
    ...(page.nextPageToken && { nextPageToken: sealPageToken(page.nextPageToken, filter) }),
  };
}

const ENDED_BY_TEMPORAL = `('Failed', 'Terminated', 'TimedOut')`;

/**
 * The filter in the language of Temporal's visibility store.
 * @param accounts those the caller may see; undefined for all.
 */
export function visibilityQuery(query: ListQuery, accounts: string[] | undefined): string {
  const { account, state, outcome, contactCenter, queue, undelivered } = query;
  const equal = (name: SearchAttribute, value: string | undefined) =>
    value === undefined ? undefined : `${name} = ${quoted(searchable(value)!)}`;
  const time = (comparison: string, value: string | undefined) => value && `${comparison} ${quoted(value)}`;
  return [
    `WorkflowType = ${quoted(WORKFLOWS.handoff)}`,
    // Each run that has continued as new is an execution of its own in the store.
    `ExecutionStatus != 'ContinuedAsNew'`,
    account === undefined && accounts && `${ATTRIBUTE.account} IN (${accounts.map(quoted).join(', ')})`,
    equal(ATTRIBUTE.account, account),
    ...stateFilter(state),
    equal(ATTRIBUTE.outcome, outcome),
    equal(ATTRIBUTE.contactCenter, contactCenter),
    equal(ATTRIBUTE.queue, queue),
    equal(ATTRIBUTE.case, query.case),
    undelivered && `${ATTRIBUTE.undelivered} > 0`,
    time('StartTime >=', query.startedAfter),
    time('StartTime <', query.startedBefore),
    time('CloseTime >=', query.closedAfter),
    time('CloseTime <', query.closedBefore),
  ]
    .filter(Boolean)
    .join(' AND ');
}

function stateFilter(state: ListQuery['state']): string[] {
  if (state === undefined) return [];
  if (state === 'failed') return [`ExecutionStatus IN ${ENDED_BY_TEMPORAL}`];
  return [`${ATTRIBUTE.state} = ${quoted(state)}`, `ExecutionStatus NOT IN ${ENDED_BY_TEMPORAL}`];
}

/** A handoff as its execution shows it; undefined where the id is not one of ours. */
export function toItem(execution: Execution): HandoffItem | undefined {
  const { handoffId, failed, startedAt, closedAt } = execution;
  const ref = parseHandoffId(handoffId);
  if (!ref) return undefined;
  const text = (name: SearchAttribute) => execution.attribute<string>(name);
  const caseId = text(ATTRIBUTE.case);
  return {
    handoffId,
    ...ref,
    state: failed ? 'failed' : HANDOFF_STATES.find((known) => known === text(ATTRIBUTE.state)),
    outcome: OUTCOMES.find((known) => known === text(ATTRIBUTE.outcome)),
    contactCenter: text(ATTRIBUTE.contactCenter),
    queue: text(ATTRIBUTE.queue),
    ...(caseId && { case: { id: caseId } }),
    startedAt,
    closedAt,
    undelivered: execution.attribute<number>(ATTRIBUTE.undelivered) ?? 0,
  };
}

const CHECK_BYTES = 8;

/**
 * The server's token behind a checksum over it and the filter. Stores differ in how they answer a token that is
 * damaged or was made for another filter, if they notice it.
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

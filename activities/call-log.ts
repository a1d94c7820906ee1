import { activityInfo, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { ShareFull } from '../accounts/shares';
import { VendorError } from '../connectors/shared/errors';
import { isFinalFailure } from '../domain/failures';
import { count, type Source } from './metrics';
import { isWorthALine, oncePerFailure } from './repetition';

/** Lines of the log about calls of vendors. Handoff, call and attempt are added by the worker's logger. */

export interface CallFields {
  /** The ids by which one message can be followed through the logs of all processes. */
  messageIds?: string[];
  /** The platform's own ids of what was sent. */
  platformIds?: string[];
  /** The contact center's id of the case. */
  case?: string;
}

/** One line for each call that changed something. */
export function logDone(source: Source, fields: CallFields | undefined): void {
  if (fields) log.info('vendor call', { ...source, ...fields });
}

/** Refusals that belong to the life of a handoff. */
const EXPECTED = ['case-closed', 'conversation-closed', 'no-agents'];

/** What failed, for the log and the metrics. A bug is logged by Temporal's SDK, with its stack. */
export function logFailed(error: unknown, fields: Source & CallFields, { done }: { done: readonly unknown[] }): void {
  const kind = kindOf(error);
  if (kind === undefined) return;
  const { account, connection } = fields;
  const { attempt } = activityInfo();
  count('failed', { account, connection }, { kind });
  const about = { ...fields, kind, reason: (error as Error).message, ...(done.length > 0 && { done: done.length }) };
  if (isFinalFailure(kind)) {
    log[EXPECTED.includes(kind) ? 'info' : 'warn']('a vendor refused a call for good', about);
    return;
  }
  const line = isWorthALine(attempt) && oncePerFailure('call', account, connection, kind);
  if (line) log.warn('a vendor call keeps failing', { ...about, ...line });
}

/** Undefined for a bug. */
function kindOf(error: unknown): string | undefined {
  if (error instanceof ShareFull) return 'share-full';
  if (error instanceof VendorError) return error.kind;
  return error instanceof ApplicationFailure ? (error.type ?? undefined) : undefined;
}

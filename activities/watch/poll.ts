import { log } from '@temporalio/activity';
import { VendorError } from '../../connectors/shared/errors';
import { contactCenterOf, type ActivityDeps } from '../deps';
import { count, type Source } from '../metrics';
import { FIRST_LINE, isWorthALine } from '../repetition';
import { caseEventForwarder } from './event-forwarder';

/** One poll of a connection: brings what it found to the handoffs and says when to poll again. */
export type Poll = (cursor: string | null) => Promise<{ cursor: string | null; waitMs: number }>;

/** A contact center's events, for all handoffs of the account together. */
export function contactCenterPoll(deps: ActivityDeps, account: string, contactCenter: string, pollEvery: number): Poll {
  const { poll } = contactCenterOf(deps, account, contactCenter);
  const forward = caseEventForwarder(deps, account, contactCenter);
  return async (cursor) => {
    if (!poll) return { cursor, waitMs: pollEvery };
    const read = await poll.read(cursor ?? (await poll.start()));
    if (read.unreadable) {
      const source = { account, connection: contactCenter };
      count('set_aside', source, { times: read.unreadable });
      log.warn('items could not be read and are set aside', { ...source, items: read.unreadable });
    }
    await forward(read.events);
    return { cursor: read.cursor, waitMs: read.more ? 0 : pollEvery };
  };
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * A vendor that is down or busy is polled again later, after one lost answer soon; everything else is for Temporal to
 * retry.
 */
export function withBackoff(poll: Poll, about: Source): Poll {
  let failures = 0;
  /** With those after which the vendor said when to come back. */
  let inARow = 0;
  return async (cursor) => {
    try {
      const result = await poll(cursor);
      if (inARow >= FIRST_LINE) log.info('polling works again', { ...about, failures: inARow });
      failures = inARow = 0;
      return result;
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      const wanted = error.details.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** failures++;
      const waitMs = Math.min(wanted, LONGEST_PAUSE_MS);
      count('failed', about, { kind: error.kind });
      const { kind, message: reason } = error;
      if (isWorthALine(++inARow))
        log.warn('polling keeps failing', { ...about, kind, reason, failures: inARow, waitMs });
      return { cursor, waitMs };
    }
  };
}

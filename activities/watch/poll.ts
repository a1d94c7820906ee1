import { log } from '@temporalio/activity';
import { VendorError } from '../../connectors/shared/errors';

/** One look at a connection: brings what it found to the handoffs and says when to look again. */
export type Look = (cursor: string | null) => Promise<{ cursor: string | null; waitMs: number }>;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * A vendor that is down or busy is asked again later, after one lost answer soon; everything else is for Temporal to
 * retry.
 */
export function withBackoff(look: Look): Look {
  let failures = 0;
  return async (cursor) => {
    try {
      const result = await look(cursor);
      failures = 0;
      return result;
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      const waitMs = error.details.retryAfterMs ?? Math.min(FIRST_PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS);
      log.warn('the connection could not be asked', { reason: error.kind, message: error.message, waitMs });
      return { cursor, waitMs };
    }
  };
}

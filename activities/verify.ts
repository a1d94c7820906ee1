import { sleep } from '@temporalio/activity';
import { asUnavailable, VendorError } from '../connectors/shared/errors';
import { isFinalFailure } from '../domain/failures';
import type { Progress } from './progress';

/** A vendor has to say so often in a row that something does not exist, before it is taken for true. */
const TIMES = 3;
const PAUSE_MS = 2_000;

/**
 * What a vendor says of a conversation or case, where a single "not found" is not enough: right after a restart or
 * during a failover vendors give that answer of things that exist. Every other refusal is retried.
 */
export async function confirmed<T>(progress: Progress, ask: () => Promise<T>): Promise<T | 'not-found'> {
  for (let time = 1; ; time++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      if (error.kind !== 'not-found') throw isFinalFailure(error.kind) ? asUnavailable(error) : error;
      if (time >= TIMES) return 'not-found';
    }
    progress.check();
    await sleep(PAUSE_MS);
  }
}

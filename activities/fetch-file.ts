import { activityInfo } from '@temporalio/activity';
import type { Platform } from '../connectors/platform';
import { asUnavailable, VendorError } from '../connectors/shared/errors';
import { spool, type SpooledFile } from '../connectors/shared/spool';
import { isFinalFailure } from '../domain/failures';
import type { MessageContent } from '../domain/message';

const TIMEOUT_MS = 60_000;
const IDLE_MS = 15_000;

/**
 * The file of a message, where it has one and the platform lets us have it. Undefined where the file's link has to do
 * instead: one that cannot be had must not hold up what was written after it.
 */
export async function fetchFile(
  { files }: Platform,
  content: MessageContent | undefined,
  maxBytes: number,
): Promise<SpooledFile | undefined> {
  if (content?.kind !== 'file' || !('url' in content.source) || !files) return undefined;
  try {
    const file = await files.open(content.source.url);
    return await spool('The platform', file, { maxBytes, timeoutMs: TIMEOUT_MS, idleMs: IDLE_MS });
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    if (isFinalFailure(error.kind) || error.kind === 'unauthorized' || activityInfo().attempt > 2) return undefined;
    throw asUnavailable(error);
  }
}

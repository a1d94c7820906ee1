import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { FileStream } from '../../connectors/shared/files';

interface StreamLimits {
  maxFileBytes: number;
  /** In all, and without any progress. */
  fileTimeoutMs: number;
  fileIdleMs: number;
}

/** How a download ended; all but `complete` break off the connection, so that nobody takes a part for the whole. */
export type StreamEnd = 'complete' | 'interrupted' | 'too large' | 'timed out';

class TooLarge extends Error {}

/**
 * Streams a file to the client as fast as the client takes it: no more than a few buffers of it are in memory. The
 * source is destroyed in any case.
 */
export async function streamFile(
  method: string,
  res: Response,
  { stream }: FileStream,
  { maxFileBytes, fileTimeoutMs, fileIdleMs }: StreamLimits,
): Promise<StreamEnd> {
  if (method === 'HEAD' || res.destroyed) {
    stream.destroy();
    res.end();
    return 'complete';
  }
  const total = AbortSignal.timeout(fileTimeoutMs);
  res.setTimeout(fileIdleMs, () => res.destroy());
  try {
    await pipeline(stream, atMost(maxFileBytes), res, { signal: total });
    return 'complete';
  } catch (error) {
    if (error instanceof TooLarge) return 'too large';
    return total.aborted ? 'timed out' : 'interrupted';
  }
}

function atMost(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new TooLarge());
      else done(null, chunk);
    },
  });
}

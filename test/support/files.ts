import { Readable } from 'node:stream';
import type { StoredFile } from '../../connectors/shared/files';

/** A file in memory that is read as one on disk is. */
export function storedFile({ name, mimeType, bytes }: { name: string; mimeType: string; bytes: Buffer }): StoredFile {
  // In pieces that no encoding ends with.
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, i) =>
    bytes.subarray(i * 1_000, (i + 1) * 1_000),
  );
  const open = () => Readable.from(pieces, { objectMode: false });
  return { name, mimeType, size: bytes.length, open };
}

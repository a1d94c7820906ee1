import { randomUUID } from 'node:crypto';
import { open as openOnDisk, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readPieces, type FileLimits, type FileStream, type StoredFile } from './files';

/** A file on disk on its way from one vendor to another; whoever has it closes it. */
export interface SpooledFile extends StoredFile {
  close(): Promise<void>;
}

/**
 * Keeps a file on disk: a few large ones at a time would be more than a process has memory for. Throws as
 * {@link readPieces} does.
 */
export async function spool(vendor: string, file: FileStream, limits: FileLimits): Promise<SpooledFile> {
  const disk = await createFile().catch((error: unknown) => {
    file.stream.destroy();
    throw error;
  });
  try {
    const size = await readPieces(vendor, file, limits, (piece) => disk.appendFile(piece));
    return spooled(disk, file, size);
  } catch (error) {
    await disk.close();
    throw error;
  }
}

function spooled(disk: FileHandle, { name, mimeType }: FileStream, size: number): SpooledFile {
  return {
    name,
    mimeType,
    size,
    open: () => Readable.from(piecesOf(disk), { objectMode: false }),
    // Waits for a read under way; readers fail after it.
    close: () => disk.close(),
  };
}

const PIECE_BYTES = 64 * 1024;

/** From the beginning. Not by the handle's own stream, which closes the file for all readers when it is destroyed. */
async function* piecesOf(disk: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await disk.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** It has lost its name before anything is in it: nothing of it outlives the process, however that ends. */
async function createFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `durable-handoff-${randomUUID()}`);
  const disk = await openOnDisk(path, 'wx+', 0o600);
  await unlink(path);
  return disk;
}

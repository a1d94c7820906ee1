import { randomUUID } from 'node:crypto';
import { open as openOnDisk, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
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
    const size = await readPieces(vendor, file, limits, async (piece) => void (await disk.write(piece)));
    return spooled(disk, file, size);
  } catch (error) {
    await disk.close();
    throw error;
  }
}

function spooled(disk: FileHandle, { name, mimeType }: FileStream, size: number): SpooledFile {
  const opened: Readable[] = [];
  return {
    name,
    mimeType,
    size,
    open() {
      const stream = disk.createReadStream({ start: 0, autoClose: false });
      opened.push(stream);
      return stream;
    },
    async close() {
      for (const stream of opened) stream.destroy();
      await disk.close();
    },
  };
}

/** It has lost its name before anything is in it: nothing of it outlives the process, however that ends. */
async function createFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `durable-handoff-${randomUUID()}`);
  const disk = await openOnDisk(path, 'wx+', 0o600);
  await unlink(path);
  return disk;
}

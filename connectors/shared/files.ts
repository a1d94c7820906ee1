import type { Readable } from 'node:stream';
import type { AxiosRequestConfig } from 'axios';
import { VendorError } from './errors';
import type { Http } from './http';
import { mediaType } from './parse';

/** A file as it is read from a vendor; whoever opens it reads it to the end or destroys the stream. */
export interface FileStream {
  name: string;
  mimeType: string;
  /** Bytes, where the vendor says so before the first one. */
  size?: number;
  stream: Readable;
}

/** A file that is whole somewhere, and read from its beginning as often as it is needed. */
export interface StoredFile {
  name: string;
  mimeType: string;
  /** Bytes. */
  size: number;
  open(): Readable;
}

/** A file in memory: only for what is small. */
export interface FileContent {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

export interface FileLimits {
  maxBytes: number;
  /** For the whole file. */
  timeoutMs: number;
  /** Between two pieces of it; none of its own unless set. */
  idleMs?: number;
}

/** However slowly a file comes and is read: after this time its stream ends with an error. */
const FILE_TIME_LIMIT_MS = 5 * 60_000;

/** Opens what the vendor answers as a stream: nothing of it is held here. */
export async function openFile(
  http: Http,
  operation: string,
  name: string,
  config: AxiosRequestConfig,
): Promise<FileStream> {
  const { data, headers } = await http.request<Readable>(operation, {
    ...config,
    // Compressed on the way, the size that is announced would not be that of the file.
    headers: { ...config.headers, 'Accept-Encoding': 'identity' },
    responseType: 'stream',
  });
  const timer = setTimeout(() => data.destroy(new Error('timeout')), FILE_TIME_LIMIT_MS).unref();
  data.once('close', () => clearTimeout(timer));
  const announced: unknown = headers['content-length'];
  const size = typeof announced === 'string' && /^\d{1,15}$/.test(announced) ? Number(announced) : undefined;
  return { name, mimeType: mediaType(headers['content-type']), size, stream: data };
}

/** Reads a stream into memory. Throws as {@link readPieces} does. */
export async function readWhole(vendor: string, file: FileStream, limits: FileLimits): Promise<FileContent> {
  const pieces: Buffer[] = [];
  await readPieces(vendor, file, limits, (piece) => void pieces.push(piece));
  return { name: file.name, mimeType: file.mimeType, bytes: Buffer.concat(pieces) };
}

/**
 * Reads a stream to its end, piece by piece, and answers with its size in bytes. Throws `too-large` beyond `maxBytes`
 * and `unavailable` where the stream breaks off, stalls or takes too long.
 *
 * @param vendor where it comes from, for error messages
 */
export async function readPieces(
  vendor: string,
  { stream, size: announced = 0 }: FileStream,
  { maxBytes, timeoutMs, idleMs = timeoutMs }: FileLimits,
  take: (piece: Buffer) => void | Promise<void>,
): Promise<number> {
  const stop = () => stream.destroy(new Error('timeout'));
  const timer = setTimeout(stop, timeoutMs);
  const idle = setTimeout(stop, idleMs);
  let size = 0;
  try {
    if (announced > maxBytes) throw tooLarge(vendor, maxBytes);
    for await (const piece of stream as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge(vendor, maxBytes);
      await take(piece);
      idle.refresh();
    }
    return size;
  } catch (error) {
    if (error instanceof VendorError) throw error;
    throw new VendorError('unavailable', `${vendor}: the download of a file broke off`);
  } finally {
    clearTimeout(timer);
    clearTimeout(idle);
    stream.destroy();
  }
}

function tooLarge(vendor: string, maxBytes: number): VendorError {
  return new VendorError('too-large', `${vendor}: a file is larger than ${Math.floor(maxBytes / 2 ** 20)} MiB`);
}

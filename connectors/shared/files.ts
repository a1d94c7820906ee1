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

/** A file in memory: only for calls that need it whole. */
export interface FileContent {
  name: string;
  mimeType: string;
  bytes: Buffer;
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
    signal: AbortSignal.timeout(FILE_TIME_LIMIT_MS),
  });
  const announced: unknown = headers['content-length'];
  const size = typeof announced === 'string' && /^\d{1,15}$/.test(announced) ? Number(announced) : undefined;
  return { name, mimeType: mediaType(headers['content-type']), size, stream: data };
}

/**
 * Reads a stream into memory. Throws `too-large` beyond `maxBytes` and `unavailable` where the stream breaks off or
 * takes longer than `timeoutMs` in all.
 */
export async function readWhole(
  vendor: string,
  file: FileStream,
  { maxBytes, timeoutMs }: { maxBytes: number; timeoutMs: number },
): Promise<FileContent> {
  const { stream, name, mimeType } = file;
  const timer = setTimeout(() => stream.destroy(new Error('timeout')), timeoutMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if ((file.size ?? 0) > maxBytes) throw tooLarge(vendor, maxBytes);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(vendor, maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof VendorError) throw error;
    throw new VendorError('unavailable', `${vendor}: the download of a file broke off`);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
  return { name, mimeType, bytes: Buffer.concat(chunks) };
}

function tooLarge(vendor: string, maxBytes: number): VendorError {
  return new VendorError('too-large', `${vendor}: a file is larger than ${Math.floor(maxBytes / 2 ** 20)} MiB`);
}

import { basename } from 'node:path/posix';
import type { Readable } from 'node:stream';
import { MEBIBYTE } from '../../domain/capabilities';
import { VendorError } from '../shared/errors';
import type { Http } from '../shared/http';
import type { FileContent } from '../platform';

export const MAX_FILE_BYTES = 20 * MEBIBYTE;
const TIME_LIMIT_MS = 60_000;

/** Throws `unsupported` for other hosts, which must never see the credentials, and for files that are too large. */
export async function download(http: Http, baseUrl: string, url: string): Promise<FileContent> {
  if (!isTrusted(url, baseUrl)) throw new VendorError('unsupported', 'Infobip: download from a host of someone else');
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  const { data, headers } = await http.request<Readable>('download', { url, responseType: 'stream', signal });
  const type = headers['content-type'] as string | undefined;
  return {
    name: fileName(url),
    mimeType: type?.split(';')[0]?.trim() || 'application/octet-stream',
    bytes: await readLimited(data),
  };
}

function isTrusted(url: string, baseUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, protocol, hostname } = new URL(url);
  return origin === new URL(baseUrl).origin || (protocol === 'https:' && hostname.endsWith('.infobip.com'));
}

async function readLimited(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_FILE_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    throw new VendorError('unavailable', 'Infobip: download broke off');
  }
  if (size > MAX_FILE_BYTES) throw new VendorError('unsupported', 'Infobip: download is larger than 20 MiB');
  return Buffer.concat(chunks);
}

function fileName(url: string): string {
  const last = basename(new URL(url).pathname);
  try {
    return decodeURIComponent(last) || 'file';
  } catch {
    return last;
  }
}

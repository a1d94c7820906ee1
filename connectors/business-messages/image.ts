import { basename } from 'node:path/posix';
import { VendorError } from '../shared/errors';
import { createHttp } from '../shared/http';
import type { FileContent } from '../platform';

const STORAGE_HOST = /^([a-z0-9][a-z0-9._-]*\.)?storage\.googleapis\.com$/;
const TIME_LIMIT_MS = 60_000;

/** End users' images come as a text that is a signed URL of Google's storage and nothing else; it ends after 7 days. */
export function isSignedStorageUrl(text: string): boolean {
  if (!/^https:\/\/\S+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, port, username, searchParams } = new URL(text);
  const signed = [...searchParams.keys()].some((name) => name.toLowerCase() === 'x-goog-signature');
  return signed && STORAGE_HOST.test(hostname) && port === '' && username === '';
}

/** The URL is its own credential, so none of ours go along. Throws `unsupported` for any other address. */
export async function download(url: string): Promise<FileContent> {
  if (!isSignedStorageUrl(url)) {
    throw new VendorError('unsupported', 'Business Messages: download from a host other than its storage');
  }
  const http = createHttp({ vendor: 'Google Cloud Storage', baseUrl: '', timeoutMs: TIME_LIMIT_MS });
  const { data, headers } = await http.request<ArrayBuffer>('download', {
    url,
    responseType: 'arraybuffer',
  });
  const type = headers['content-type'] as string | undefined;
  return {
    name: basename(new URL(url).pathname) || 'image',
    mimeType: type?.split(';')[0]?.trim() || 'application/octet-stream',
    bytes: Buffer.from(data),
  };
}

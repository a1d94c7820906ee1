import { basename } from 'node:path/posix';
import { VendorError } from '../shared/errors';
import { openFile, type FileStream } from '../shared/files';
import { createHttp, kindOfStatus } from '../shared/http';

const STORAGE_HOST = /^([a-z0-9][a-z0-9._-]*\.)?storage\.googleapis\.com$/;

const storage = createHttp({ vendor: 'Google Cloud Storage', baseUrl: '', explain });

/** End users' images come as a text that is a signed URL of Google's storage and nothing else; it expires in 7 days. */
export function isSignedStorageUrl(text: string): boolean {
  if (!/^https:\/\/\S+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, port, username, searchParams } = new URL(text);
  const signed = [...searchParams.keys()].some((name) => name.toLowerCase() === 'x-goog-signature');
  return signed && STORAGE_HOST.test(hostname) && port === '' && username === '';
}

/**
 * The URL is its own credential, so none of ours go along. Throws `unsupported` for any other address and `not-found`
 * where the storage no longer gives the file out.
 */
export async function openImage(url: string): Promise<FileStream> {
  if (!isSignedStorageUrl(url)) {
    throw new VendorError('unsupported', 'Business Messages: download from a host other than its storage');
  }
  return openFile(storage, 'download', basename(new URL(url).pathname) || 'image', { url });
}

/** A signed URL that has expired answers 400 or 403, and it never comes back. */
function explain(status: number) {
  return { kind: [400, 401, 403].includes(status) ? ('not-found' as const) : kindOfStatus(status) };
}

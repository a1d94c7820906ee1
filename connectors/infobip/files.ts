import { basename } from 'node:path/posix';
import { VendorError } from '../shared/errors';
import { openFile, type FileStream } from '../shared/files';
import type { Http } from '../shared/http';
import type { InfobipSettings } from './settings';

/**
 * A file an end user sent. Its URL is a claim of whoever sent the webhook, and the request carries our key: so it goes
 * to Infobip's API alone, and there to the paths that serve files alone. Any other path could read what is not theirs.
 */
export async function open(http: Http, settings: InfobipSettings, url: string): Promise<FileStream> {
  const file = URL.canParse(url) ? new URL(url) : undefined;
  if (!file || !isApi(file, settings.baseUrl) || !settings.filePaths.some((path) => matches(path, file.pathname)))
    throw new VendorError(
      'unsupported',
      "Infobip: the file's URL is at none of the API's paths in the setting filePaths",
    );
  try {
    return await openFile(http, 'download', nameOf(file), { url: file.href });
  } catch (error) {
    if (!(error instanceof VendorError && error.details.status === 404)) throw error;
    throw new VendorError('not-found', error.message, error.details);
  }
}

function isApi({ origin, protocol, hostname }: URL, baseUrl: string): boolean {
  if (origin === new URL(baseUrl).origin) return true;
  return protocol === 'https:' && (hostname === 'api.infobip.com' || hostname.endsWith('.api.infobip.com'));
}

/** Encoded dots and slashes, which a server behind the API might decode: a file's path never contains any. */
const ENCODED = /%2e|%2f|%5c|%00/i;

function matches(pattern: string, path: string): boolean {
  const [wanted, parts] = [pattern.split('/'), path.split('/')];
  return (
    !ENCODED.test(path) &&
    wanted.length === parts.length &&
    wanted.every((part, index) => (part === '*' ? parts[index] !== '' : part === parts[index]))
  );
}

function nameOf({ pathname }: URL): string {
  const last = basename(pathname);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

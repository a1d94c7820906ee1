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
  const path = file && pathInApi(file, new URL(settings.baseUrl));
  if (!file || path === undefined || !settings.filePaths.some((pattern) => matches(pattern, path)))
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

/** The path below the base URL, or on one of the API's other hosts. */
function pathInApi({ origin, protocol, hostname, pathname }: URL, base: URL): string | undefined {
  if (origin === base.origin) {
    const prefix = base.pathname.replace(/\/$/, '');
    return pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : undefined;
  }
  const isApi = hostname === 'api.infobip.com' || hostname.endsWith('.api.infobip.com');
  return protocol === 'https:' && isApi ? pathname : undefined;
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

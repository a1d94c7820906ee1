import { Router, type Response } from 'express';
import { fileNameInUrl, mediaKey, verifyMediaToken, type MediaClaims } from '../../accounts/file-links';
import { VendorError } from '../../connectors/shared/errors';
import type { FileStream } from '../../connectors/shared/files';
import type { AppContext } from '../context';
import { logFields } from '../http/observe';
import { Problem, unavailable } from '../http/problem';
import { streamFile } from './stream';

/**
 * The files agents send, which the end user's side cannot fetch from a contact center behind credentials. The link
 * itself is the permission: signed, for one file, and expiring.
 */
export function mediaRoutes(context: AppContext): Router {
  const { gates, limits, metrics } = context;
  return Router().get('/media/:token/:name', async (req, res) => {
    const claims = await verifiedClaims(context, req.params);
    logFields(res, { account: claims.account, connection: claims.contactCenter });
    const leave = gates.files.enter(claims.account);
    if (!leave) {
      metrics.shed.inc();
      throw unavailable('Too many files are being downloaded.', { retryAfterMs: 1_000 });
    }
    try {
      const file = await openFile(context, claims);
      setHeaders(res, file, claims.name ?? file.name);
      const end = await streamFile(req.method, res, file, limits);
      if (end !== 'complete') logFields(res, { note: `file ${end}` });
    } finally {
      leave();
    }
  });
}

async function verifiedClaims({ accounts, now }: AppContext, { token, name }: { token: string; name: string }) {
  const keyOf = (account: string) => {
    const found = accounts.get(account);
    return found && mediaKey(found.settings);
  };
  const claims = await verifyMediaToken(token, keyOf, now());
  const key = claims && keyOf(claims.account);
  if (!key || fileNameInUrl(key, claims) !== name) throw new Problem(404, 'No such file, or the link has expired.');
  return claims;
}

async function openFile({ accounts, limits }: AppContext, claims: MediaClaims): Promise<FileStream> {
  const contactCenters = accounts.get(claims.account)?.contactCenters ?? {};
  const feature = Object.hasOwn(contactCenters, claims.contactCenter)
    ? contactCenters[claims.contactCenter]!.files
    : undefined;
  const file = await feature?.open(claims.file).catch(notFoundAsUndefined);
  if (!file) throw new Problem(404, 'The contact center no longer has this file.');
  if ((file.size ?? 0) <= limits.maxFileBytes) return file;
  file.stream.destroy();
  throw new Problem(404, `The file is larger than ${limits.maxFileBytes / 2 ** 20} MiB.`);
}

function setHeaders(res: Response, { mimeType, size }: FileStream, name: string): void {
  // Pages of other origins show it, such as the chat window on a company's site.
  res
    .set({ 'Cache-Control': 'private, max-age=3600', 'Cross-Origin-Resource-Policy': 'cross-origin' })
    .attachment(name)
    .type(mimeType);
  if (size !== undefined) res.set('Content-Length', String(size));
}

function notFoundAsUndefined(error: unknown): undefined {
  if (error instanceof VendorError && error.kind === 'not-found') return undefined;
  throw error;
}

import { Router } from 'express';
import { mediaKey, verifyMediaToken } from '../../accounts/file-links';
import { VendorError } from '../../connectors/shared/errors';
import type { FileContent } from '../../connectors/platform';
import type { AppContext } from '../context';
import { Problem } from '../http/problem';

/**
 * The files agents send, which the end user's side cannot fetch from a contact center behind credentials. The link
 * itself is the permission: signed, for one file, and expiring.
 */
export function mediaRoutes({ accounts, now }: AppContext): Router {
  const keyOf = (name: string) => {
    const account = accounts.get(name);
    return account && mediaKey(account.settings);
  };
  return Router().get('/media/:token', async (req, res) => {
    const claims = await verifyMediaToken(req.params.token, keyOf, now());
    if (!claims) throw new Problem(404, 'There is no such file, or its link has expired.');
    const contactCenter = accounts.get(claims.account)?.contactCenters[claims.contactCenter];
    const file = await contactCenter?.download?.(claims.file).catch(notFoundAsUndefined);
    if (!file) throw new Problem(404, 'The contact center does not have this file any more.');
    res
      .set('Cache-Control', 'private, max-age=3600')
      .attachment(claims.name ?? file.name)
      .type(file.mimeType)
      .send(file.bytes);
  });
}

function notFoundAsUndefined(error: unknown): FileContent | undefined {
  if (error instanceof VendorError && error.kind === 'not-found') return undefined;
  throw error;
}

import { raw, Router, type Request } from 'express';
import type { Account } from '../../accounts/connect';
import { VendorError, WebhookError } from '../../connectors/shared/errors';
import type { WebhookRequest } from '../../connectors/platform';
import { PLATFORM } from '../../domain/ids';
import { sameSecret } from '../http/auth';
import { receiveFromContactCenter } from './receive-contact-center';
import { receiveFromPlatform } from './receive-platform';
import { BODY_LIMIT, type AppContext } from '../context';
import { Problem } from '../http/problem';

/**
 * The vendors' webhooks. 200 says that Temporal has every event, or that there is no handoff to have it; with
 * anything else the vendor delivers again, and what arrives twice counts once.
 */
export function webhookRoutes(context: AppContext): Router {
  const bytes = raw({ limit: BODY_LIMIT, type: () => true });
  return Router()
    .post('/webhooks/:account/platform{/:secret}', bytes, async (req, res) => {
      const account = accountOf(context, req.params.account);
      await counted(context, account.name, PLATFORM, async () => {
        checkUrlSecret(account, req.params.secret);
        const replyText = await receiveFromPlatform(context, account, webhookRequest(req));
        if (replyText === undefined) res.json({});
        else res.type('text/plain').send(replyText);
      });
    })
    .post('/webhooks/:account/:contactCenter', bytes, async (req, res) => {
      const { contactCenter: name } = req.params;
      const account = accountOf(context, req.params.account);
      const contactCenter = Object.hasOwn(account.contactCenters, name) ? account.contactCenters[name] : undefined;
      if (!contactCenter?.parseWebhook) throw new Problem(404, 'There is no such connection.');
      await counted(context, account.name, name, async () => {
        await receiveFromContactCenter(context, account, name, webhookRequest(req));
        res.json({});
      });
    });
}

function accountOf({ accounts }: AppContext, name: string): Account {
  const account = accounts.get(name);
  if (!account) throw new Problem(404, 'There is no such account.');
  return account;
}

/** Vendors without signatures prove themselves by the secret in the address alone. */
function checkUrlSecret({ platform: { urlSecret } }: Account, given: string | undefined): void {
  if (urlSecret !== undefined && !sameSecret(urlSecret, given ?? '')) {
    throw new WebhookError('unauthorized', 'The secret in the address is not the one configured.');
  }
}

function webhookRequest(req: Request): WebhookRequest {
  return { rawBody: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0), headers: req.headers };
}

/** Counts a webhook that was refused as a whole. */
async function counted({ metrics }: AppContext, account: string, connection: string, receive: () => Promise<void>) {
  try {
    await receive();
  } catch (error) {
    const outcome =
      error instanceof WebhookError ? error.reason : error instanceof VendorError ? 'vendor-unavailable' : 'failed';
    metrics.webhookEvents.inc({ account, connection, outcome });
    throw error;
  }
}

import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Account } from '../../accounts/connect';
import { VendorError, WebhookError } from '../../connectors/shared/errors';
import type { WebhookRequest } from '../../connectors/shared/webhook-request';
import { PLATFORM } from '../../domain/ids';
import type { AppContext } from '../context';
import { sameSecret } from '../http/auth';
import { bounded } from '../http/bounded';
import { logFields } from '../http/observe';
import { webhookOrigin } from '../http/pressure';
import { Problem } from '../http/problem';
import type { Report } from './deliver';
import { receiveFromContactCenter } from './receive-contact-center';
import { receiveFromPlatform } from './receive-platform';

type ToPlatform = { account: string; secret?: string };
type ToContactCenter = { account: string; contactCenter: string };

/** What the checks before the body found out, in `res.locals`. */
interface Target {
  account: Account;
  /** A contact center's name, or `platform`. */
  connection: string;
  report: Report;
}

/**
 * The vendors' webhooks. 200 says that Temporal has every event, or that no open handoff wants it; after anything else
 * the vendor delivers again, and what arrives twice counts once. Account, connection and the secret in the URL are
 * checked before the body is read.
 */
export function webhookRoutes(context: AppContext): Router {
  const bounds = {
    body: 'bytes' as const,
    origin: (_req: unknown, res: Response) => webhookOrigin(targetOf(res).account.name, targetOf(res).connection),
  };
  return Router()
    .post(
      '/webhooks/:account/platform{/:secret}',
      checkPlatform(context),
      bounded<ToPlatform>(context, bounds, (req, res) => counted(res, () => toPlatform(context, req, res))),
    )
    .post(
      '/webhooks/:account/:contactCenter',
      checkContactCenter(context),
      bounded<ToContactCenter>(context, bounds, (req, res) => counted(res, () => toContactCenter(context, req, res))),
    );
}

async function toPlatform(context: AppContext, req: Request<ToPlatform>, res: Response): Promise<void> {
  const { account, report } = targetOf(res);
  const request = webhookRequest(req);
  const webhook = await account.platform.parseWebhook(request);
  await receiveFromPlatform(context, account, webhook, request, report);
  if (webhook.replyText === undefined) res.json({});
  else res.type('text/plain').send(webhook.replyText);
}

async function toContactCenter(context: AppContext, req: Request<ToContactCenter>, res: Response): Promise<void> {
  const { account, connection, report } = targetOf(res);
  const webhook = await account.contactCenters[connection]!.webhook!.parse(webhookRequest(req));
  await receiveFromContactCenter(context, account, connection, webhook, report);
  res.json({});
}

function checkPlatform(context: AppContext): RequestHandler<ToPlatform> {
  return (req, res, next) => {
    const account = accountOf(context, req.params.account);
    const { report } = setTarget(context, res, account, PLATFORM);
    const { urlSecret } = account.platform;
    // Vendors without signatures prove themselves by the secret in the URL alone.
    if (urlSecret !== undefined && !sameSecret(urlSecret, req.params.secret ?? '')) {
      report.count('unauthorized');
      throw new WebhookError('unauthorized', 'The secret in the URL is not the configured one.');
    }
    next();
  };
}

function checkContactCenter(context: AppContext): RequestHandler<ToContactCenter> {
  return (req, res, next) => {
    const { contactCenter: name } = req.params;
    const account = accountOf(context, req.params.account);
    const isKnown = Object.hasOwn(account.contactCenters, name) && account.contactCenters[name]!.webhook;
    if (!isKnown) throw new Problem(404, 'No such connection, or it has no webhook.');
    setTarget(context, res, account, name);
    next();
  };
}

function accountOf({ accounts }: AppContext, name: string): Account {
  const account = accounts.get(name);
  if (!account) throw new Problem(404, 'No such account.');
  return account;
}

function setTarget({ metrics }: AppContext, res: Response, account: Account, connection: string): Target {
  const labels = { account: account.name, connection };
  const outcomes: Record<string, number> = {};
  const log: Report['log'] = (fields) => logFields(res, fields);
  const count: Report['count'] = (outcome, times = 1) => {
    metrics.webhookEvents.inc({ ...labels, outcome }, times);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + times;
  };
  log({ ...labels, outcomes });
  const target: Target = { account, connection, report: { count, log } };
  res.locals.target = target;
  return target;
}

function targetOf(res: Response): Target {
  return res.locals.target as Target;
}

function webhookRequest<P>(req: Request<P>): WebhookRequest {
  return { rawBody: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0), headers: req.headers };
}

/** Counts a webhook that was refused as a whole. */
async function counted(res: Response, receive: () => Promise<void>): Promise<void> {
  try {
    await receive();
  } catch (error) {
    const isVendors = error instanceof VendorError;
    targetOf(res).report.count(
      error instanceof WebhookError ? error.reason : isVendors ? 'vendor-unavailable' : 'failed',
    );
    throw error;
  }
}

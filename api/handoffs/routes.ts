import { json, Router, type Request, type Response } from 'express';
import { findAccount, type Account } from '../../accounts/connect';
import { UPDATES } from '../../domain/contract';
import type { HandoffView } from '../../domain/handoff';
import { parseHandoffId } from '../../domain/ids';
import { requireScope } from '../http/auth';
import { BODY_LIMIT, type AppContext } from '../context';
import { listHandoffs } from './list';
import { parse, Problem } from '../http/problem';
import { closeBody, listQuery, startBody, type HandoffAnswer } from './schemas';
import { startHandoff } from './start';
import { awaitVerdict, preferredWait } from './wait';

/** Starting handoffs, looking at them, and the commands of people. */
export function handoffRoutes(context: AppContext): Router {
  const { settings, temporal } = context;
  const mayRead = requireScope(settings.api.keys, 'handoffs:read');
  const mayWrite = requireScope(settings.api.keys, 'handoffs:write');
  const jsonBody = json({ limit: BODY_LIMIT, type: ['application/json', 'application/*+json'] });
  const answer = (res: Response, view: HandoffView) => res.json(handoffAnswer(context, view));

  return Router()
    .post('/v1/handoffs', mayWrite, jsonBody, (req, res) => start(context, req, res))
    .get('/v1/handoffs', mayRead, async (req, res) => {
      const query = parse(listQuery, req.query, 'The query is not valid.');
      res.json(await listHandoffs(temporal, query));
    })
    .get('/v1/handoffs/:id', mayRead, async (req, res) => {
      const view = await temporal.view(knownId(req.params.id));
      if (!view) throw new Problem(404, 'There is no such handoff.');
      answer(res, view);
    })
    .post('/v1/handoffs/:id/close', mayWrite, jsonBody, async (req, res) => {
      const { by } = parse(closeBody, bodyOf(req) ?? {}, 'The request is not valid.');
      answer(res, await temporal.command(knownId(req.params.id), UPDATES.close, by));
    })
    .post('/v1/handoffs/:id/messages/:messageId/retry', mayWrite, async (req, res) => {
      answer(res, await temporal.command(knownId(req.params.id), UPDATES.retry, req.params.messageId));
    });
}

async function start(context: AppContext, req: Request, res: Response): Promise<void> {
  const startedAt = Date.now();
  const { conversationId, account: name, ...call } = parse(startBody, bodyOf(req), 'The handoff is not valid.');
  const started = await startHandoff(context, accountFor(context, name), conversationId, call);
  const wait = preferredWait(req.get('prefer'));
  if (wait === undefined) {
    res.status(202).json(started);
    return;
  }
  const left = wait * 1000 - (Date.now() - startedAt);
  const verdict = await awaitVerdict(context.temporal, started.handoffId, left);
  res
    .status(verdict.verdict === 'unavailable' ? 200 : 202)
    .set('Preference-Applied', `wait=${wait}`)
    .json({ ...started, ...verdict });
}

function accountFor({ accounts }: AppContext, name: string | undefined): Account {
  const account = findAccount(accounts, name);
  if (account) return account;
  if (name !== undefined) throw new Problem(404, 'There is no such account.');
  const errors = [{ path: 'account', message: 'is needed, since there are several accounts' }];
  throw new Problem(400, 'The handoff is not valid.', { errors });
}

/** The parsed body; undefined where there is none. */
function bodyOf(req: Request): unknown {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  const isSent = encoding !== undefined || Number(length ?? 0) > 0;
  if (isSent && req.body === undefined) throw new Problem(415, 'Send the body as application/json.');
  return req.body;
}

function knownId(id: string): string {
  if (!parseHandoffId(id)) throw new Problem(404, 'There is no such handoff.');
  return id;
}

function handoffAnswer({ settings, temporal }: AppContext, { replyTo: _, ...view }: HandoffView): HandoffAnswer {
  const ui = settings.api.temporalUiUrl?.replace(/\/+$/, '');
  const path = `namespaces/${temporal.namespace}/workflows/${encodeURIComponent(view.handoffId)}`;
  return { ...view, ...(ui && { temporalUiUrl: `${ui}/${path}` }) };
}

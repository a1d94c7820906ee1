import { Router, type Request, type RequestHandler, type Response } from 'express';
import { findAccount, type Account } from '../../accounts/connect';
import { UPDATES } from '../../domain/contract';
import type { AppContext } from '../context';
import { callerOf, requireAccount, type Caller } from '../http/auth';
import { bounded } from '../http/bounded';
import { logFields } from '../http/observe';
import { parse, Problem } from '../http/problem';
import { listHandoffs } from './list';
import { accountOfHandoff, readHandoff, shown, withLink } from './read';
import { closeBody, listQuery, retryBody, startBody, transferBody } from './schemas';
import { startHandoff } from './start';
import { awaitState, preferredWait, type StateAnswer } from './wait';

type OneHandoff = { id: string };
type OneMessage = OneHandoff & { messageId: string };

const INVALID = 'The request is not valid.';

/** Starting handoffs, reading them, and the commands of people. */
export function handoffRoutes(context: AppContext): Router {
  const { temporal, requireScope } = context;
  const mayRead = requireScope('handoffs:read');
  const mayManage = requireScope('handoffs:manage');
  const origin = (_req: unknown, res: Response) => `key ${callerOf(res).name}`;

  /** An update of a workflow: `request` makes its argument of the body. */
  const command = <P extends OneHandoff>(name: string, request: (body: unknown, req: Request<P>) => object) =>
    bounded<P>(context, { body: 'json', origin }, async (req, res) => {
      const argument = request(bodyOf(req) ?? {}, req);
      res.json(withLink(context, shown(await temporal.command(req.params.id, name, argument))));
    });

  return Router()
    .post(
      '/v1/handoffs',
      requireScope('handoffs:write'),
      bounded(context, { body: 'json', origin }, (req, res, leave) => start(context, req, res, leave)),
    )
    .get(
      '/v1/handoffs',
      mayRead,
      bounded(context, { origin }, async (req, res) => {
        const query = parse(listQuery, req.query, 'The query is not valid.');
        const caller = callerOf(res);
        if (query.account !== undefined) requireAccount(caller, query.account);
        res.json(await listHandoffs(temporal, query, caller.accounts));
      }),
    )
    .get(
      '/v1/handoffs/:id',
      mayRead,
      mayReach,
      bounded<OneHandoff>(context, { origin }, async (req, res) => {
        res.json(withLink(context, await readHandoff(temporal, req.params.id)));
      }),
    )
    .post(
      '/v1/handoffs/:id/close',
      mayManage,
      mayReach,
      command(UPDATES.close, (body) => parse(closeBody, body, INVALID)),
    )
    .post(
      '/v1/handoffs/:id/transfer',
      mayManage,
      mayReach,
      command(UPDATES.transfer, (body) => parse(transferBody, body, INVALID)),
    )
    .post(
      '/v1/handoffs/:id/messages/:messageId/retry',
      mayManage,
      mayReach,
      command<OneMessage>(UPDATES.retry, (body, { params }) => ({
        messageId: params.messageId,
        ...parse(retryBody, body, INVALID),
      })),
    );
}

/** Throws 404 where the path holds no handoff's id, 403 where the caller's key is limited to other accounts. */
const mayReach: RequestHandler<OneHandoff> = ({ params: { id } }, res, next) => {
  const account = accountOfHandoff(id);
  logFields(res, { account, handoffId: id });
  requireAccount(callerOf(res), account);
  next();
};

async function start(context: AppContext, req: Request, res: Response, leave: () => void): Promise<void> {
  const startedAt = performance.now();
  const { conversationId, account: name, ...call } = parse(startBody, bodyOf(req), 'The handoff is not valid.');
  const account = accountFor(context, callerOf(res), name);
  const { next, ...answer } = await startHandoff(context, { account, conversationId, call });
  logFields(res, { account: account.name, handoffId: answer.handoffId });
  const wait = preferredWait(req.get('prefer'));
  if (wait === undefined) {
    res.status(202).json(answer);
    return;
  }
  // What waits needs no place among those that work.
  leave();
  const left = wait * 1000 - (performance.now() - startedAt);
  const opening: StateAnswer = { state: 'opening' };
  const state = next ? opening : await waitFor(context, callerOf(res), answer.handoffId, left);
  res
    .status(state.state === 'unavailable' ? 200 : 202)
    .set('Preference-Applied', `wait=${wait}`)
    .json({ ...answer, ...state });
}

/** Does not wait at all where too many others do. */
async function waitFor({ temporal, gates }: AppContext, caller: Caller, id: string, ms: number): Promise<StateAnswer> {
  const leave = gates.waits.enter(caller.name);
  if (!leave) return { state: 'opening' };
  try {
    return await awaitState(temporal, id, ms);
  } finally {
    leave();
  }
}

function accountFor({ accounts }: AppContext, caller: Caller, given: string | undefined): Account {
  const name = given ?? (caller.accounts?.length === 1 ? caller.accounts[0] : undefined);
  if (name !== undefined) requireAccount(caller, name);
  const account = findAccount(accounts, name);
  if (account) {
    requireAccount(caller, account.name);
    return account;
  }
  if (name !== undefined) throw new Problem(404, 'No such account.');
  const errors = [{ path: 'account', message: 'is required, since there are several accounts' }];
  throw new Problem(400, 'The handoff is not valid.', { errors });
}

/** The parsed body; undefined where there is none. */
function bodyOf<P>(req: Request<P>): unknown {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  const isSent = encoding !== undefined || Number(length ?? 0) > 0;
  if (isSent && req.body === undefined) throw new Problem(415, 'Send the body as application/json.');
  return req.body;
}

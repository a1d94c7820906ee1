import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { sendInvalid, sendProblem } from '../shared/problem';
import { hasMessage, type Cases, type DeskCase } from './cases';
import { appendSchema, closeSchema, noteSchema, openingSchema, presenceSchema } from './schemas';
import { isSigned } from './signature';

const pageSchema = z.object({
  after: z.string().regex(/^\d+$/, 'is not a cursor of this desk').optional(),
  limit: z.coerce.number().int().min(1).optional(),
});

/** The contract's calls, as the service makes them; their bodies have been read as bytes. */
export function contractRouter(secret: string, cases: Cases): Router {
  const router = Router();
  router.use(onlySigned(secret));
  router.post('/cases', (req, res) => openCase(cases, req, res));
  router.get('/cases', (req, res) => void res.json({ cases: find(cases, req).map(summary) }));
  router.post('/cases/:id/messages', withCase(cases, append));
  router.get('/cases/:id/messages', withCase(cases, which));
  router.get('/cases/:id/agent-messages', withCase(cases, agentMessages));
  router.post('/cases/:id/notes', withCase(cases, note));
  router.post('/cases/:id/presence', withCase(cases, presence));
  router.post('/cases/:id/close', withCase(cases, close));
  router.get('/availability', (_req, res) => void res.json({ available: cases.available }));
  router.get('/events', (req, res) => {
    const { success, data, error } = pageSchema.safeParse(req.query);
    if (success) res.json(cases.eventsAfter(data.after, data.limit));
    else sendInvalid(res, error);
  });
  router.get('/files/:id', (req, res) => {
    const file = cases.files.get(req.params.id);
    if (file) res.type(file.mimeType).send(file.bytes);
    else sendProblem(res, 404, { code: 'not-found', detail: 'there is no such file' });
  });
  return router;
}

function onlySigned(secret: string): RequestHandler {
  return (req, res, next) => {
    const body = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : '';
    if (!isSigned(secret, { method: req.method, path: req.url, body, headers: req.headers })) {
      return sendProblem(res, 401, { detail: 'invalid signature' });
    }
    next();
  };
}

type CaseHandler = (req: Request, res: Response, one: DeskCase, cases: Cases) => void;

function withCase(cases: Cases, handle: CaseHandler): RequestHandler<{ id: string }> {
  return (req, res) => {
    const one = cases.get(req.params.id);
    if (one) handle(req, res, one, cases);
    else sendProblem(res, 404, { code: 'not-found', detail: 'there is no such case' });
  };
}

function openCase(cases: Cases, req: Request, res: Response): void {
  const opening = bodyOf(req, res, openingSchema);
  if (!opening) return;
  const existing = cases.byKey(opening.key);
  res.status(existing ? 200 : 201).json(reference(existing ?? cases.open(opening)));
}

const append: CaseHandler = (req, res, one, cases) => {
  const body = bodyOf(req, res, appendSchema);
  if (!body) return;
  cases.append(one, body.messages);
  res.status(204).end();
};

const which: CaseHandler = (req, res, one) => {
  res.json({ ids: idsOf(req).filter((id) => hasMessage(one, id)) });
};

const agentMessages: CaseHandler = (req, res, { messages }) => {
  const ids = idsOf(req);
  const found = messages.filter(({ from, id }) => from === 'agent' && ids.includes(id));
  res.json({ messages: found });
};

const note: CaseHandler = (req, res, one, cases) => {
  const body = bodyOf(req, res, noteSchema);
  if (!body) return;
  cases.note(one, { ...body, at: cases.time() });
  res.status(204).end();
};

const close: CaseHandler = (req, res, one, cases) => {
  const body = bodyOf(req, res, closeSchema);
  if (!body) return;
  cases.close(one, body.reason);
  res.status(204).end();
};

const presence: CaseHandler = (req, res, one, cases) => {
  const body = bodyOf(req, res, presenceSchema);
  if (!body) return;
  one.endUser[body.type === 'typing' ? 'typingAt' : 'readAt'] = cases.time();
  res.status(204).end();
};

function find(cases: Cases, { query }: Request): DeskCase[] {
  if (typeof query.key === 'string') return [cases.byKey(query.key) ?? []].flat();
  const open = query.open === 'true' ? cases.list().filter(({ status }) => status === 'open') : [];
  return open.slice(0, Number(query.limit) || open.length);
}

function idsOf({ query }: Request): string[] {
  return [query.ids ?? []].flat().map(String);
}

function reference({ id, url }: DeskCase): { id: string; url?: string } {
  return { id, url };
}

function summary({ id, url, key, status }: DeskCase) {
  return { id, url, key, status };
}

/** The call's body, or undefined once it has been refused. */
function bodyOf<T>(req: Request, res: Response, schema: z.ZodType<T>): T | undefined {
  const { success, data, error } = json.pipe(schema).safeParse(String(req.body));
  if (success) return data;
  sendInvalid(res, error);
  return undefined;
}

const json = z.string().transform((text, ctx): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    ctx.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

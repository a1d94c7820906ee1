import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { sendInvalid, sendProblem } from '../shared/problem';
import type { Cases, DeskCase } from './cases';
import { appendSchema, noteSchema, openingSchema, presenceSchema } from './schemas';
import { isSigned } from './signature';

const cursorSchema = z.string().regex(/^\d+$/).optional();

/** The contract's calls, as the service makes them. */
export function contractRouter(secret: string, cases: Cases): Router {
  const router = Router();
  router.use(express.raw({ type: () => true, limit: '64mb' }), onlySigned(secret));
  router.post('/cases', (req, res) => openCase(cases, req, res));
  router.get('/cases', (req, res) => {
    const found = typeof req.query.key === 'string' ? cases.byKey(req.query.key) : undefined;
    res.json({ cases: found ? [reference(found)] : [] });
  });
  router.post('/cases/:id/messages', withCase(cases, append));
  router.get('/cases/:id/messages', withCase(cases, which));
  router.post('/cases/:id/notes', withCase(cases, note));
  router.post('/cases/:id/presence', withCase(cases, presence));
  router.post(
    '/cases/:id/close',
    withCase(cases, (_req, res, one) => {
      cases.close(one);
      res.status(204).end();
    }),
  );
  router.get('/availability', (_req, res) => void res.json({ available: cases.available }));
  router.get('/events', (req, res) => {
    const { success, data: after } = cursorSchema.safeParse(req.query.after);
    if (success) res.json(cases.eventsAfter(after));
    else sendProblem(res, 400, { code: 'rejected', detail: 'this cursor is none of ours' });
  });
  router.get('/files/:id', (req, res) => {
    const file = cases.file(req.params.id);
    if (file) res.type(file.mimeType).send(file.bytes);
    else sendProblem(res, 404, { code: 'not-found', detail: 'there is no such file' });
  });
  return router;
}

function onlySigned(secret: string): RequestHandler {
  return (req, res, next) => {
    const body = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : '';
    if (!isSigned(secret, { method: req.method, path: req.url, body, headers: req.headers })) {
      return sendProblem(res, 401, { detail: 'the signature does not hold' });
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

const append: CaseHandler = (req, res, one) => {
  const body = bodyOf(req, res, appendSchema);
  if (!body) return;
  for (const message of body.messages) {
    if (!has(one, message.id)) one.messages.push({ from: 'end-user', ...message });
  }
  res.status(204).end();
};

const which: CaseHandler = (req, res, one) => {
  const ids = [req.query.ids ?? []].flat().map(String);
  res.json({ ids: ids.filter((id) => has(one, id)) });
};

const note: CaseHandler = (req, res, one, cases) => {
  const body = bodyOf(req, res, noteSchema);
  if (!body) return;
  if (!one.notes.some(({ id }) => id === body.id)) one.notes.push({ ...body, at: cases.time() });
  res.status(204).end();
};

const presence: CaseHandler = (req, res, one, cases) => {
  const body = bodyOf(req, res, presenceSchema);
  if (!body) return;
  one.endUser[body.type === 'typing' ? 'typingAt' : 'readAt'] = cases.time();
  res.status(204).end();
};

function has({ messages }: DeskCase, id: string): boolean {
  return messages.some((message) => message.from === 'end-user' && message.id === id);
}

function reference({ id, url }: DeskCase): { id: string; url?: string } {
  return { id, url };
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
    ctx.addIssue({ code: 'custom', message: 'this is not JSON' });
    return z.NEVER;
  }
});

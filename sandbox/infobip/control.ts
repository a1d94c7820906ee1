import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { z } from 'zod';
import type { Journal } from '../shared/journal';
import { sendProblem } from '../shared/problem';
import { infobipFaultsSchema, type InfobipFaults } from './faults';
import { historySchema, inboundSchema, type EndUsers } from './end-users';

interface Controls {
  endUsers: EndUsers;
  faults: InfobipFaults;
  journal: Journal;
  reset: () => void;
}

const journalQuery = z.object({ since: z.coerce.number().int().min(0).default(0) });

/** The end users' side and the switches of the simulator, for its page and for tests. Not part of Infobip. */
export function controlRoutes({ endUsers, faults, journal, reset }: Controls): Router {
  const router = Router();
  router.use(express.json({ limit: '16mb' }));
  router.post('/messages', (req, res) => {
    res.json(endUsers.receive(inboundSchema.parse(req.body)));
  });
  router.get('/conversations', (_req, res) => {
    res.json({ conversations: endUsers.conversations() });
  });
  router.post('/conversations', (req, res) => {
    res.json(endUsers.addConversation(historySchema.parse(req.body)));
  });
  router.get('/conversations/:id', (req, res) => {
    const conversation = endUsers.conversation(req.params.id);
    if (conversation) res.json(conversation);
    else sendProblem(res, 404, { detail: `there is no conversation '${req.params.id}'` });
  });
  router.get('/journal', (req, res) => {
    res.json({ entries: journal.since(journalQuery.parse(req.query).since) });
  });
  router.post('/faults', (req, res) => {
    faults.set(infobipFaultsSchema.parse(req.body));
    res.status(204).end();
  });
  router.post('/reset', (_req, res) => {
    reset();
    res.status(204).end();
  });
  router.use(noSuchControl, explain);
  return router;
}

const noSuchControl: RequestHandler = (req, res) => {
  sendProblem(res, 404, { detail: `there is no control '${req.method} ${req.path}'` });
};

/** Says what is wrong with a control's input. */
const explain: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof z.ZodError) {
    const issues = error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
    return sendProblem(res, 400, { detail: issues.join('; ') });
  }
  const { status, message } = error as { status?: number; message?: string };
  if (status !== undefined && status < 500) return sendProblem(res, status, { detail: message });
  next(error);
};

import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { z } from 'zod';
import type { Journal } from '../shared/journal';
import { sendProblem } from '../shared/problem';
import {
  conversationSchema,
  NothingThereError,
  tapSchema,
  typingSchema,
  writeSchema,
  type EndUsers,
} from './end-users';
import { businessMessagesFaultsSchema, type BusinessMessagesFaults } from './faults';

interface Controls {
  endUsers: EndUsers;
  faults: BusinessMessagesFaults;
  journal: Journal;
  handshake: () => Promise<boolean>;
  revokeTokens: () => void;
  reset: () => void;
}

const journalQuery = z.object({ since: z.coerce.number().int().min(0).default(0) });

/** The end users' side and the switches of the simulator, for its page and for tests. Not part of the platform. */
export function controlRoutes({ endUsers, faults, journal, handshake, revokeTokens, reset }: Controls): Router {
  return Router()
    .use(express.json())
    .post('/messages', (req, res) => void res.json(endUsers.write(writeSchema.parse(req.body))))
    .post(
      '/typing',
      done((body) => {
        const { conversationId, isTyping } = typingSchema.parse(body);
        endUsers.type(conversationId, isTyping);
      }),
    )
    .post(
      '/request-live-agent',
      done((body) => endUsers.requestLiveAgent(conversationSchema.parse(body).conversationId)),
    )
    .post(
      '/suggestion',
      done((body) => {
        const { conversationId, text } = tapSchema.parse(body);
        endUsers.tap(conversationId, text);
      }),
    )
    .post(
      '/read',
      done((body) => endUsers.read(conversationSchema.parse(body).conversationId)),
    )
    .get('/conversations', (_req, res) => void res.json({ conversations: endUsers.conversations() }))
    .get('/conversations/:id', (req, res) => void res.json(endUsers.conversation(req.params.id)))
    .get('/journal', (req, res) => {
      res.json({ entries: journal.since(journalQuery.parse(req.query).since) });
    })
    .post('/handshake', async (_req, res) => void res.json({ verified: await handshake() }))
    .post(
      '/faults',
      done((body) => faults.set(businessMessagesFaultsSchema.parse(body))),
    )
    .post('/revoke-tokens', done(revokeTokens))
    .post('/reset', done(reset))
    .use(noSuchControl, explain);
}

function done(act: (body: unknown) => void): RequestHandler {
  return (req, res) => {
    act(req.body);
    res.status(204).end();
  };
}

const noSuchControl: RequestHandler = (req, res) => {
  sendProblem(res, 404, { detail: `there is no control '${req.method} ${req.path}'` });
};

/** Says what is wrong with a control's input. */
const explain: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof NothingThereError) return sendProblem(res, 404, { detail: error.message });
  if (error instanceof z.ZodError) {
    const issues = error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    return sendProblem(res, 400, { detail: issues.join('; ') });
  }
  const { status, message } = error as { status?: number; message?: string };
  if (status !== undefined && status < 500) return sendProblem(res, status, { detail: message });
  next(error);
};

import { randomUUID } from 'node:crypto';
import express, { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { faultsSchema, type Faults } from '../shared/faults';
import type { Journal } from '../shared/journal';
import { sendInvalid, sendProblem } from '../shared/problem';
import type { Cases, DeskCase } from './cases';
import {
  actionSchemas,
  availabilitySchema,
  behaviorSchema,
  rawEventSchema,
  type DeskAgent,
  type DeskContent,
} from './schemas';

type Actions = {
  [Name in keyof typeof actionSchemas]: (one: DeskCase, input: z.output<(typeof actionSchemas)[Name]>) => unknown;
};

const sinceSchema = z.object({ since: z.coerce.number().int().min(0).default(0) });

/** Who acts where nobody is named and nobody has joined. */
const SOMEBODY: DeskAgent = { id: 'agent-1', name: 'Ana' };

/** What a person, a page or a test does at the desk; plain JSON, unsigned. */
export function controlRouter(desk: { cases: Cases; journal: Journal; faults: Faults; reset: () => void }): Router {
  const { cases, journal, faults } = desk;
  const router = Router();
  router.use(express.json({ limit: '64mb' }));
  router.get('/cases', (_req, res) => void res.json({ cases: cases.list() }));
  router.get('/cases/:id', (req, res) => {
    const one = cases.get(req.params.id);
    if (one) res.json(one);
    else noSuchCase(res);
  });
  const actions = actionsOn(cases);
  for (const name of Object.keys(actionSchemas) as (keyof Actions)[]) {
    router.post(`/cases/:id/${name}`, (req, res) => {
      const one = cases.get(req.params.id);
      if (!one) return noSuchCase(res);
      act(actions, name, one, req, res);
    });
  }
  router.get('/journal', (req, res) =>
    withInput(sinceSchema, req.query, res, ({ since }) => ({ entries: journal.since(since) })),
  );
  router.post('/faults', (req, res) => withInput(faultsSchema, req.body, res, (input) => void faults.set(input)));
  router.post('/availability', (req, res) =>
    withInput(availabilitySchema, req.body, res, ({ available }) => void (cases.available = available)),
  );
  router.post('/behavior', (req, res) =>
    withInput(behaviorSchema, req.body, res, (input) => void (cases.reopenOnAppend = input.reopenOnAppend)),
  );
  router.post('/events', (req, res) => withInput(rawEventSchema, req.body, res, (event) => cases.publish(event)));
  router.post('/reset', (_req, res) => {
    desk.reset();
    res.json({});
  });
  router.use((_req, res) => sendProblem(res, 404, { detail: 'the desk has no such control' }));
  return router;
}

function act<Name extends keyof Actions>(actions: Actions, name: Name, one: DeskCase, req: Request, res: Response) {
  if (one.status === 'closed' && !['reopen', 'notes'].includes(name)) {
    return sendProblem(res, 409, { code: 'case-closed', detail: 'this case is closed; reopen it first' });
  }
  type Input = z.output<(typeof actionSchemas)[Name]>;
  withInput(actionSchemas[name] as unknown as z.ZodType<Input>, req.body, res, (input) => actions[name](one, input));
}

function withInput<T>(schema: z.ZodType<T>, value: unknown, res: Response, use: (input: T) => unknown): void {
  const { success, data, error } = schema.safeParse(value ?? {});
  if (success) res.json(use(data) ?? {});
  else sendInvalid(res, error);
}

function noSuchCase(res: Response): void {
  sendProblem(res, 404, { code: 'not-found', detail: 'there is no such case' });
}

/** What each action does to a case; the answer is what it has created. */
function actionsOn(cases: Cases): Actions {
  const speaker = (one: DeskCase, named: DeskAgent | undefined) => named ?? one.agents[0] ?? SOMEBODY;
  return {
    messages: (one, { agent, content }) => say(cases, one, speaker(one, agent), content),
    join(one, { agent = SOMEBODY }) {
      if (one.agents.some(isSame(agent))) return;
      one.agents.push(agent);
      return cases.emit(one, 'agent.joined', { agent });
    },
    leave(one, { agent }) {
      const leaver = one.agents.find(isSame(speaker(one, agent)));
      if (!leaver) return;
      one.agents.splice(one.agents.indexOf(leaver), 1);
      return cases.emit(one, 'agent.left', { agent: leaver });
    },
    typing: (one, { agent }) => cases.emit(one, 'agent.typing', { agent: speaker(one, agent) }),
    read: (one, { agent, messageId }) => cases.emit(one, 'agent.read', { agent: speaker(one, agent), messageId }),
    transfer(one, { to }) {
      one.queue = to;
      one.agents = [];
      return cases.emit(one, 'case.transferred', { to });
    },
    close: (one) => cases.close(one),
    reopen: (one) => cases.reopen(one),
    notes(one, { agent, text }) {
      const note = { id: randomUUID(), at: cases.time(), agent: speaker(one, agent), text };
      cases.note(one, note);
      return note;
    },
  };
}

/** A file that comes with its bytes stays at the desk, and the service fetches it there. */
function say(cases: Cases, one: DeskCase, agent: DeskAgent, said: DeskContent) {
  const content =
    said.kind === 'file' && 'base64' in said.source
      ? { ...said, source: { contactCenterFile: cases.files.keep(said.mimeType ?? '', said.source.base64) } }
      : said;
  const { id, at } = cases.emit(one, 'agent.message', { agent, content });
  const message = { from: 'agent' as const, id, at, agent, content };
  cases.show(one, message);
  return message;
}

function isSame(agent: DeskAgent) {
  return (other: DeskAgent) => (other.id ?? other.name) === (agent.id ?? agent.name);
}

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { Arrivals } from './arrivals';

/** All vendors in one: takes every call at once, and notes when messages come. */
export interface Sink {
  url: string;
  arrivals: Arrivals;
  /** The key of a conversation's case, once it is open. */
  caseKey(conversationId: string): string | undefined;
  /** How many calls wait for an answer that never comes. */
  hanging(): number;
  close(): Promise<void>;
}

interface AppendCall {
  messages: { content: { text: string } }[];
}

export async function startSink(): Promise<Sink> {
  const arrivals = new Arrivals();
  const caseKeys = new Map<string, string>();
  const app = express().use(express.json());
  addDesk(app, arrivals, caseKeys);
  addInfobip(app, arrivals);
  const hanging = addHangingDesk(app);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    caseKey: (conversationId) => caseKeys.get(conversationId),
    hanging: () => hanging.size,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As much of docs/custom-contact-center.md as relaying takes. A case has its conversation's id. */
function addDesk(app: Express, arrivals: Arrivals, caseKeys: Map<string, string>): void {
  app.post('/desk/cases', (req, res) => {
    const { key, customer } = req.body as { key: string; customer: { id: string } };
    caseKeys.set(customer.id, key);
    res.status(201).json({ id: customer.id });
  });
  app.get('/desk/cases', (_req, res) => void res.json({ cases: [] }));
  app.post('/desk/cases/:id/messages', (req, res) => {
    for (const { content } of (req.body as AppendCall).messages) arrivals.note(content.text);
    res.status(204).end();
  });
  app.get('/desk/events', (_req, res) => void res.json({ events: [], cursor: '0' }));
}

function addHangingDesk(app: Express): Set<unknown> {
  const hanging = new Set<unknown>();
  app.use('/hanging-desk', (_req, res) => {
    hanging.add(res);
    res.once('close', () => hanging.delete(res));
  });
  return hanging;
}

/** As much of Infobip's API as relaying takes. A conversation's past is one message, which says how to answer it. */
function addInfobip(app: Express, arrivals: Arrivals): void {
  const pagination = {};
  const past = {
    ...{ id: 'past', direction: 'INBOUND', channel: 'LIVE_CHAT', from: 'end-user', to: 'bot' },
    ...{ createdAt: '2020-01-01T00:00:00.000+0000', contentType: 'TEXT', content: { text: 'Hello' } },
  };
  const conversation = '/infobip/ccaas/1/conversations/:id';
  app.get(conversation, (req, res) => void res.json({ id: req.params.id, status: 'OPEN' }));
  app.get(`${conversation}/messages`, (_req, res) => void res.json({ messages: [past], pagination }));
  app.post(`${conversation}/messages`, (req, res) => {
    arrivals.note((req.body as AppendCall['messages'][number]).content.text);
    res.json({ id: randomUUID() });
  });
  app.get('/infobip/ccaas/1/conversations', (_req, res) => void res.json({ conversations: [], pagination }));
  app.get('/infobip/ccaas/1/tags', (_req, res) => void res.json({ tags: [], pagination }));
  app.use('/infobip', (_req, res) => void res.json({}));
}

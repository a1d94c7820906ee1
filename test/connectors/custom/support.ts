import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { CaseMessage, CaseOpening, ContactCenter } from '../../../connectors/contact-center';
import { custom } from '../../../connectors/custom';
import type { WebhookRequest } from '../../../connectors/shared/webhook-request';
import { createDesk, type Desk } from '../../../sandbox/desk';
import { eventually } from '../../support/eventually';

export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export const SECRET = newSecret();
export const KEY = 'handoff:main:c-1#0123456789ab.1';

/** The connector, made as the settings file makes it. */
export function connect(settings: Record<string, unknown>): ContactCenter {
  const parsed = custom.settings.parse({ kind: 'custom', secret: SECRET, ...settings });
  return custom.create(parsed as { kind: string }, { account: 'main', processes: 1 });
}

export function opening(more: Partial<CaseOpening> = {}): CaseOpening {
  return {
    key: KEY,
    subject: 'Ivana: billing',
    priority: 'HIGH',
    queue: 'Billing',
    customer: { id: 'c-1', name: 'Ivana' },
    tags: ['billing'],
    attributes: { plan: 'gold' },
    transcript: {
      entries: [{ id: 'm-0', at: '2026-11-21T12:00:00Z', author: 'end-user', content: { kind: 'text', text: 'hi' } }],
    },
    ...more,
  };
}

export function textMessage(id: string, text = 'hello'): CaseMessage {
  return { id, at: '2026-11-21T12:00:01Z', author: 'Ivana', content: { kind: 'text', text } };
}

export interface Rig {
  desk: Desk;
  /** Where the desk's API is. */
  baseUrl: string;
  /** What the desk has posted and was answered 200 for. */
  received: WebhookRequest[];
  /** Statuses to answer the next webhooks with, instead of 200. */
  refusals: number[];
  /** Does something at the desk, and answers with status and body. */
  control(path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  types(): string[];
  stop(): Promise<void>;
}

/** The desk and a place that takes its webhooks, in one server. */
export async function startRig(retryScheduleMs: number[] = [5, 10, 20]): Promise<Rig> {
  const received: WebhookRequest[] = [];
  const refusals: number[] = [];
  const app = express();
  const server: Server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const baseUrl = `${origin}/desk`;
  const desk = createDesk({ secret: SECRET, webhookUrl: `${origin}/webhooks`, baseUrl, retryScheduleMs });
  app.use('/desk', desk.router);
  app.post('/webhooks', express.raw({ type: () => true }), (req, res) => {
    const refusal = refusals.shift();
    if (!refusal) received.push({ rawBody: req.body as Buffer, headers: req.headers });
    res.status(refusal ?? 200).end();
  });
  return {
    desk,
    baseUrl,
    received,
    refusals,
    types: () => received.map(({ rawBody }) => (JSON.parse(rawBody.toString()) as { type: string }).type),
    async control(path, body) {
      const init = body && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      const answer = await fetch(`${baseUrl}/sandbox/${path}`, init || undefined);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async stop() {
      desk.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A desk that is a bare server: for answers that the simulator does not give. */
export async function withDesk(listener: RequestListener, use: (desk: ContactCenter) => Promise<unknown>) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await use(connect({ baseUrl, agentMessages: true, openCases: true, timeoutMs: 2_000 }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A desk that has one answer to everything. */
export function withAnswer(status: number, body: unknown, use: (desk: ContactCenter) => Promise<unknown>) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  return withDesk((_req, res) => res.writeHead(status, { 'content-type': type }).end(text), use);
}

/** Waits until it is so; fails when it is not within two seconds. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  await eventually(what, () => isSo() || undefined, { withinMs: 2_000, everyMs: 5 });
}

import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import axios, { type AxiosResponse } from 'axios';
import express from 'express';
import { createInfobipSimulator, type InfobipOptions, type InfobipSimulator } from '../../sandbox/infobip';

export const API_KEY = 'sandbox-key';

export interface Listening {
  url: string;
  close: () => Promise<void>;
}

export async function listen(app: express.Express): Promise<Listening> {
  const server = await new Promise<Server>((resolve) => {
    const started = app.listen(0, '127.0.0.1', () => resolve(started));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What the tests look at in answers and webhooks; each has some of it. */
export interface Body {
  id: string;
  name: string;
  type: string;
  conversationId: string;
  messageId: string;
  createdAt: string;
  updatedAt: string;
  closedAt: string;
  agentId: string | null;
  authorType: string;
  direction: string;
  content: { text?: string };
  conversations: Body[];
  messages: Body[];
  tags: Body[];
  notes: Body[];
  results: Body[];
  events: string[];
  entries: { seq: number }[];
  pagination: { totalItems: number };
  /** A line in the answers of the API, the message itself in a webhook. */
  message: unknown;
  payload: { message: Body };
  detail: string;
  requestError: {
    serviceException: { messageId: string; text: string; validationErrors?: Record<string, string[]> };
  };
}

export interface Running {
  simulator: InfobipSimulator;
  /** The API's base URL. */
  url: string;
  /** Asks the API, or a control, with credentials, and takes any status. */
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<AxiosResponse<Body>>;
  stop: () => Promise<void>;
}

export async function runSimulator(options: Partial<InfobipOptions> = {}): Promise<Running> {
  const simulator = createInfobipSimulator({ apiKey: API_KEY, ...options });
  const server = await listen(express().use('/infobip', simulator.router));
  return {
    simulator,
    url: `${server.url}/infobip`,
    call: (method, path, data, headers) =>
      axios.request({
        method,
        url: `${server.url}/infobip${path}`,
        data,
        headers: { authorization: `App ${API_KEY}`, ...headers },
        validateStatus: () => true,
        proxy: false,
      }),
    stop: async () => {
      simulator.close();
      await server.close();
    },
  };
}

/** A webhook's endpoint that remembers what it got and answers with the next of `answers`, then with 200. */
export async function runReceiver(answers: number[] = []) {
  const got: { body: Body; headers: Record<string, unknown> }[] = [];
  const app = express().post('/hook', express.json(), (req, res) => {
    got.push({ body: req.body as Body, headers: req.headers });
    res.status(answers.shift() ?? 200).end();
  });
  const server = await listen(app);
  return { got, url: `${server.url}/hook`, close: server.close };
}

export async function eventually(check: () => void, withinMs = 5_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

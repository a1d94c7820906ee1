import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../api/app';
import type { Account } from '../../accounts/connect';
import { createLogger, type Logger } from '../../settings/logger';
import type { Settings } from '../../settings/schema';
import type { ContactCenter, ContactCenterWebhook } from '../../connectors/contact-center';
import type { Platform, PlatformWebhook, WebhookRequest } from '../../connectors/platform';
import type { HandoffInput } from '../../domain/contract';
import type { HandoffView, Verdict } from '../../domain/handoff';

export const WRITE_KEY = 'write-key-1';
export const READ_KEY = 'read-key-1';
export const ID = 'handoff:main:c1';
export const CASE_KEY = `${ID}#0123456789ab`;

/** An error as the gRPC client makes it. */
export function grpcError(code: number, details = 'because'): Error {
  return new ServiceError('call failed', { cause: Object.assign(new Error(details), { code, details, metadata: {} }) });
}

export function viewOf(patch: Partial<HandoffView> = {}): HandoffView {
  return {
    handoffId: ID,
    account: 'main',
    conversationId: 'c1',
    state: 'connected',
    contactCenter: 'support',
    case: { id: '7' },
    representative: 'HUMAN',
    startedAt: '2026-11-21T12:00:00.000Z',
    pending: 0,
    undelivered: 0,
    relayed: { inbound: 1, outbound: 2 },
    replyTo: { to: 'end-user-address' },
    messages: [],
    ...patch,
  };
}

interface FakeHandoff {
  running: boolean;
  view: HandoffView;
  signals: unknown[][];
  /** Answers updates, by name. */
  updates: Record<string, (arg?: unknown) => unknown>;
}

/** A Temporal server with a worker, as far as the API calls it. */
export class FakeTemporal {
  handoffs = new Map<string, FakeHandoff>();
  starts: { workflowId: string; args: [HandoffInput]; [option: string]: unknown }[] = [];
  lists: Record<string, unknown>[] = [];
  page: unknown = { executions: [], nextPageToken: new Uint8Array() };
  /** Thrown by every call to the server; `workerDown` by those alone that a worker answers. */
  down?: Error;
  workerDown?: Error;

  add(id: string, patch: Partial<FakeHandoff> = {}): FakeHandoff {
    const handoff = { running: true, view: viewOf({ handoffId: id }), signals: [], updates: {}, ...patch };
    this.handoffs.set(id, handoff);
    return handoff;
  }

  withVerdict(verdict: Verdict): void {
    this.add(ID, { updates: { verdict: () => verdict } });
  }

  private find(id: string, mustRun: boolean): FakeHandoff {
    if (this.down) throw this.down;
    const handoff = this.handoffs.get(id);
    if (!handoff || (mustRun && !handoff.running)) throw new WorkflowNotFoundError('not found', id, undefined);
    return handoff;
  }

  get client(): Client {
    const answered = <T>(call: () => T): Promise<T> => Promise.resolve().then(call);
    const getHandle = (id: string) => ({
      signal: (_name: string, events: unknown[]) => answered(() => void this.find(id, true).signals.push(events)),
      describe: () => answered(() => ({ status: { name: this.find(id, false).running ? 'RUNNING' : 'COMPLETED' } })),
      query: () =>
        answered(() => {
          const { view } = this.find(id, false);
          if (this.workerDown) throw this.workerDown;
          return view;
        }),
      executeUpdate: (name: string, options?: { args: unknown[] }) =>
        answered(() => {
          const { updates } = this.find(id, true);
          if (this.workerDown) throw this.workerDown;
          return updates[name]?.(options?.args[0]);
        }),
    });
    const start = (workflow: string, options: (typeof this.starts)[number]) =>
      answered(() => {
        if (this.down) throw this.down;
        const { workflowId } = options;
        if (this.handoffs.get(workflowId)?.running) {
          throw new WorkflowExecutionAlreadyStartedError('already started', workflowId, workflow);
        }
        this.starts.push(options);
        this.add(workflowId);
      });
    const workflowService = {
      getSystemInfo: () => answered(() => this.find(ID, false)),
      listWorkflowExecutions: (request: Record<string, unknown>) =>
        answered(() => {
          if (this.down) throw this.down;
          this.lists.push(request);
          return this.page;
        }),
    };
    const connection = { withDeadline: <T>(_deadline: number, call: () => Promise<T>) => call() };
    const client = { workflow: { start, getHandle }, workflowService, connection, options: { namespace: 'default' } };
    return client as unknown as Client;
  }
}

export interface FakeVendors {
  platform: Partial<Platform>;
  contactCenter: Partial<ContactCenter>;
}

/** Connectors that take a webhook's body for its meaning. */
export function fakeVendors(): FakeVendors {
  const said = <T>(empty: T, { rawBody }: WebhookRequest) =>
    Promise.resolve({ ...empty, ...(JSON.parse(rawBody.toString()) as Partial<T>) });
  return {
    platform: {
      capabilities: { history: true, representatives: false, typing: true, textLimit: 1000 },
      parseWebhook: (request) => said<PlatformWebhook>({ events: [], presence: [], ignored: [] }, request),
    },
    contactCenter: {
      parseWebhook: (request) => said<ContactCenterWebhook>({ events: [], presence: [], ignored: [] }, request),
    },
  };
}

export const PLATFORM_SETTINGS = { kind: 'fake', apiKey: 'platform-secret' };

export const SETTINGS = {
  api: {
    port: 0,
    host: '127.0.0.1',
    temporalUiUrl: 'http://ui.example/',
    keys: [
      { name: 'bot', key: WRITE_KEY, scopes: ['handoffs:write'] },
      { name: 'eyes', key: READ_KEY, scopes: ['handoffs:read'] },
    ],
  },
  temporal: { address: '127.0.0.1:7233', namespace: 'default', taskQueue: 'handoffs-of-tests' },
  log: { level: 'silent' },
  accounts: {},
} as unknown as Settings;

function accountOf(name: string, { platform, contactCenter }: FakeVendors): Account {
  return {
    name,
    platform: platform as Platform,
    contactCenters: { support: contactCenter as ContactCenter },
    settings: {
      platform: PLATFORM_SETTINGS,
      routing: [{ to: 'support' }],
      timers: { openWithin: 1, deliverWithin: 1, answerWithin: null },
      endKeywords: [],
      texts: { defaultLanguage: 'en', languages: {} },
    } as unknown as Account['settings'],
  };
}

export interface RunningApi {
  temporal: FakeTemporal;
  vendors: FakeVendors;
  url: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}
interface CallOptions {
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
}
interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed JSON of the answer, which tests look into freely. */
  body: ReturnType<typeof JSON.parse>;
}

/** The API on a free port, with an account `main` or others, and the fake Temporal unless there is a real client. */
export async function startApi({
  accounts = ['main'],
  now,
  logger = createLogger('api', 'silent'),
  client,
}: { accounts?: string[]; now?: () => number; logger?: Logger; client?: Client } = {}) {
  const temporal = new FakeTemporal();
  const vendors = fakeVendors();
  const app = createApp({
    settings: SETTINGS,
    accounts: new Map(accounts.map((name) => [name, accountOf(name, vendors)])),
    client: client ?? temporal.client,
    logger,
    now,
  });
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const call = async (method: string, path: string, { body, key, headers }: CallOptions = {}): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { temporal, vendors, url, call, stop } satisfies RunningApi;
}

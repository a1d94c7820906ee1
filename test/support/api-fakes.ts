import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Account } from '../../accounts/connect';
import { createApp } from '../../api/app';
import type { ApiLimits } from '../../api/context';
import { createApiServer } from '../../api/server';
import type { ContactCenter, ContactCenterWebhook } from '../../connectors/contact-center';
import type { Platform, PlatformWebhook } from '../../connectors/platform';
import type { WebhookRequest } from '../../connectors/shared/webhook-request';
import type { HandoffInput } from '../../domain/contract';
import type { HandoffView, StartState } from '../../domain/handoff';
import { createLogger, type Logger } from '../../settings/logger';
import { SCOPES, type Settings } from '../../settings/schema';

export const WRITE_KEY = 'key-that-starts-handoffs';
export const READ_KEY = 'key-that-reads-handoffs';
export const MANAGE_KEY = 'key-that-manages-handoffs';
/** Has every scope, for the account `main` alone. */
export const MAIN_KEY = 'key-for-the-account-main';
export const ID = 'handoff:main:c1';
export const CASE_KEY = `${ID}#0123456789ab.1`;

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
    cases: [{ contactCenter: 'support', id: '7', status: 'open' }],
    representative: 'HUMAN',
    startedAt: '2026-11-21T12:00:00.000Z',
    pending: 0,
    undelivered: 0,
    relayed: { inbound: 1, outbound: 2 },
    conversationClosed: false,
    replyTo: { to: 'end-user-address' },
    messages: [],
    ...patch,
  };
}

interface FakeHandoff {
  running: boolean;
  /** Of Temporal, by number, where it is neither running nor completed. */
  status?: number;
  view: HandoffView;
  memo: Record<string, unknown>;
  signals: unknown[][];
  /** Keys of events that it has had. */
  seen: string[];
  /** Answers updates, by name. */
  updates: Record<string, (arg?: unknown) => unknown>;
}

const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);
const payloads = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, payload(value)]));

/** An execution as the server describes and lists it. */
export function executionInfo(
  workflowId: string,
  {
    status = 1,
    memo = {},
    attributes = {},
    ...times
  }: {
    status?: number;
    memo?: object;
    attributes?: Record<string, unknown>;
    startTime?: object;
    closeTime?: object;
  } = {},
) {
  return {
    execution: { workflowId },
    status,
    startTime: { seconds: 1_700_000_000, nanos: 5_000_000 },
    ...times,
    memo: { fields: payloads({ ...memo }) },
    searchAttributes: { indexedFields: payloads(attributes) },
  };
}

const COMPLETED = 2;

/** A Temporal server with a worker, as far as the API calls it. */
export class FakeTemporal {
  handoffs = new Map<string, FakeHandoff>();
  starts: { workflowId: string; args: [HandoffInput]; memo: Record<string, unknown>; [option: string]: unknown }[] = [];
  lists: Record<string, unknown>[] = [];
  page: unknown = { executions: [], nextPageToken: new Uint8Array() };
  /** What a handoff is like once it has started. */
  started: Partial<FakeHandoff> = {};
  /** Thrown by every call to the server; `workerDown` by those alone that a worker answers. */
  down?: Error;
  workerDown?: Error;
  /** Called by every start and every signal, before anything else. */
  beforeStart: () => void = () => undefined;
  beforeSignal: () => Promise<void> | void = () => undefined;

  add(id: string, patch: Partial<FakeHandoff> = {}): FakeHandoff {
    const empty = { memo: {}, signals: [], seen: [], updates: {} };
    const handoff = { running: true, view: viewOf({ handoffId: id }), ...empty, ...patch };
    this.handoffs.set(id, handoff);
    return handoff;
  }

  /** Those that start are in this state when they are asked. */
  withState(awaitState: () => StartState, view = viewOf()): void {
    this.started = { updates: { awaitState }, view };
  }

  private find(id: string, mustRun: boolean): FakeHandoff {
    if (this.down) throw this.down;
    const handoff = this.handoffs.get(id);
    if (!handoff || (mustRun && !handoff.running)) throw new WorkflowNotFoundError('not found', id, undefined);
    return handoff;
  }

  private handle(id: string) {
    return {
      signal: async (name: string, ...args: unknown[]) => {
        await this.beforeSignal();
        this.find(id, true).signals.push(name === 'deliver' ? (args[0] as unknown[]) : [name]);
      },
      describe: () =>
        answered(() => {
          const { running, status, memo, view } = this.find(id, false);
          const { state, outcome } = view;
          const attributes = {
            HandoffState: state,
            ...(outcome && { HandoffOutcome: outcome }),
            HandoffUndelivered: 0,
          };
          const closeTime = running ? undefined : { seconds: 1_700_000_100 };
          const workflowExecutionInfo = executionInfo(id, {
            status: status ?? (running ? 1 : COMPLETED),
            memo,
            attributes,
            closeTime,
          });
          return { raw: { workflowExecutionInfo } };
        }),
      result: () =>
        answered(() => {
          const { view, seen } = this.find(id, false);
          return { ...view, seen };
        }),
      query: (name: string, keys?: string[]) =>
        answered(() => {
          const { view, seen } = this.find(id, false);
          if (this.workerDown) throw this.workerDown;
          return name === 'unseen' ? keys!.filter((key) => !seen.includes(key)) : view;
        }),
      executeUpdate: (name: string, options?: { args: unknown[] }) =>
        answered(() => {
          const { updates } = this.find(id, true);
          if (this.workerDown) throw this.workerDown;
          return updates[name]?.(options?.args[0]);
        }),
    };
  }

  private start(workflow: string, options: (typeof this.starts)[number]) {
    return answered(() => {
      if (this.down) throw this.down;
      this.beforeStart();
      const { workflowId, memo } = options;
      if (this.handoffs.get(workflowId)?.running) {
        throw new WorkflowExecutionAlreadyStartedError('already started', workflowId, workflow);
      }
      this.starts.push(options);
      this.add(workflowId, { memo, ...this.started });
    });
  }

  get client(): Client {
    const workflowService = {
      getSystemInfo: () => answered(() => this.find(ID, false)),
      listWorkflowExecutions: (request: Record<string, unknown>) =>
        answered(() => {
          if (this.down) throw this.down;
          this.lists.push(request);
          return this.page;
        }),
    };
    const workflow = { start: this.start.bind(this), getHandle: (id: string) => this.handle(id) };
    const connection = { withDeadline: <T>(_deadline: number, call: () => Promise<T>) => call() };
    return { workflow, workflowService, connection, options: { namespace: 'default' } } as unknown as Client;
  }
}

const answered = <T>(call: () => T): Promise<T> => Promise.resolve().then(call);

export interface FakeVendors {
  platform: Writable<Platform>;
  contactCenter: Writable<ContactCenter>;
}
type Writable<T> = { -readonly [K in keyof T]?: T[K] };

/** Connectors that take a webhook's body for its meaning. */
export function fakeVendors(): FakeVendors {
  const said = <T>(empty: T, { rawBody }: WebhookRequest) =>
    Promise.resolve({ ...empty, ...(JSON.parse(rawBody.toString()) as Partial<T>) });
  return {
    platform: {
      textLimit: 1000,
      parseWebhook: (request) => said<PlatformWebhook>({ events: [], presence: [], ignored: [] }, request),
    },
    contactCenter: {
      webhook: { parse: (request) => said<ContactCenterWebhook>({ events: [], presence: [], ignored: [] }, request) },
    },
  };
}

export const PLATFORM_SETTINGS = { kind: 'fake', apiKey: 'platform-secret' };

export const SETTINGS = {
  api: {
    port: 0,
    host: '127.0.0.1',
    temporalUiUrl: 'http://ui.example/',
    maxInFlight: 400,
    keys: [
      { name: 'bot', key: WRITE_KEY, scopes: ['handoffs:write'] },
      { name: 'eyes', key: READ_KEY, scopes: ['handoffs:read'] },
      { name: 'hands', key: MANAGE_KEY, scopes: ['handoffs:manage'] },
      { name: 'main-only', key: MAIN_KEY, scopes: SCOPES, accounts: ['main'] },
    ],
  },
  limits: { maxTextBytes: 65_536 },
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
      timers: { openWithin: 1, acceptWithin: null, deliverWithin: 1, answerWithin: null },
      endKeywords: [],
      texts: { defaultLanguage: 'en', languages: {} },
    } as unknown as Account['settings'],
  };
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
  maxInFlight = SETTINGS.api.maxInFlight,
  limits,
}: {
  accounts?: string[];
  now?: () => number;
  logger?: Logger;
  client?: Client;
  maxInFlight?: number;
  limits?: Partial<ApiLimits>;
} = {}) {
  const temporal = new FakeTemporal();
  const vendors = fakeVendors();
  const app = createApp({
    settings: { ...SETTINGS, api: { ...SETTINGS.api, maxInFlight } },
    accounts: new Map(accounts.map((name) => [name, accountOf(name, vendors)])),
    client: client ?? temporal.client,
    logger,
    now,
    limits,
  });
  const server: Server = createApiServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

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
  return { temporal, vendors, url, port, call, stop };
}
export type RunningApi = Awaited<ReturnType<typeof startApi>>;

/** The value of a line of `/metrics`; 0 where there is none. */
export async function metric(api: RunningApi, name: string, label = ''): Promise<number> {
  const { text } = await api.call('GET', '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(name) && one.includes(label));
  return Number(line?.split(' ').at(-1) ?? 0);
}

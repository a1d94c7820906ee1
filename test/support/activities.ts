import { MockActivityEnvironment } from '@temporalio/testing';
import type { Client } from '@temporalio/client';
import { noopMetricMeter, type MetricMeter } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import type { Account } from '../../accounts/connect';
import { Shares } from '../../accounts/shares';
import type { ActivityDeps } from '../../activities/deps';
import type { ContactCenter } from '../../connectors/contact-center';
import type { Platform } from '../../connectors/platform';
import { lineOf, type LogLine } from '../../worker/log-line';

/** Activities between fake vendors and the SDK's mock of what runs them. */

function missing(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`the test expects no call of ${name}`));
}

export function fakePlatform(change: Partial<Platform> = {}): Platform {
  return {
    textLimit: 4_096,
    readContext: () => Promise.resolve({ tags: [], attributes: {} }),
    send: missing('send'),
    link: missing('link'),
    close: missing('close'),
    isClosed: missing('isClosed'),
    parseWebhook: missing('parseWebhook'),
    ...change,
  };
}

export function fakeContactCenter(change: Partial<ContactCenter> = {}): ContactCenter {
  return {
    capabilities: {
      delivery: { agentMessages: ['webhook'], closure: ['webhook'] },
      append: { messages: 3, bytes: 64_000, fileBytes: 1_000_000 },
      appendReopens: false,
      rereadable: false,
    },
    openCase: missing('openCase'),
    findCase: missing('findCase'),
    append: missing('append'),
    findAppended: missing('findAppended'),
    note: missing('note'),
    close: missing('close'),
    ...change,
  };
}

export interface Fakes {
  platform?: Partial<Platform>;
  desk?: Partial<ContactCenter>;
  client?: unknown;
  fileUrl?: ActivityDeps['fileUrl'];
  settings?: object;
}

/** One account, `main`, with one contact center, `desk`. */
export function fakeDeps({ platform, desk, client, fileUrl, settings }: Fakes = {}): ActivityDeps {
  const account = {
    name: 'main',
    platform: fakePlatform(platform),
    contactCenters: { desk: fakeContactCenter(desk) },
    settings: { watch: { pollEvery: 1_000, reconcileEvery: 60_000 }, janitor: { unknown: 'alert' }, ...settings },
  } as unknown as Account;
  return {
    accounts: new Map([['main', account]]),
    client: client as Client,
    shares: new Shares(),
    limits: { maxTextBytes: 64 * 1024 },
    fileUrl: fileUrl ?? (() => Promise.resolve(undefined)),
  };
}

export interface Attempt {
  attempt?: number;
  heartbeatDetails?: unknown;
  scheduledTimestampMs?: number;
  activityType?: string;
  workflowExecution?: { workflowId: string; runId: string };
  /** Now, unless it says otherwise. */
  currentAttemptScheduledTimestampMs?: number;
}

export interface MockedActivity extends MockActivityEnvironment {
  heartbeats: unknown[];
  /** What it has logged, as the worker's log has it. */
  lines: LogLine[];
  /** What it has counted, as `name{label=value,…}`. */
  counts: Record<string, number>;
}

/** What an activity runs in, with its heartbeats and what it logs kept. */
export function activityEnvironment(attempt: Attempt = {}): MockedActivity {
  const lines: LogLine[] = [];
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => lines.push(lineOf(level, message, meta)));
  const counts: Record<string, number> = {};
  const info = { currentAttemptScheduledTimestampMs: Date.now(), ...attempt };
  const environment = new MockActivityEnvironment(info, { logger, metricMeter: counting(counts) }) as MockedActivity;
  Object.assign(environment, { lines, counts });
  environment.heartbeats = [];
  environment.on('heartbeat', (details) => environment.heartbeats.push(details));
  return environment;
}

function counting(counts: Record<string, number>): MetricMeter {
  const createCounter = (name: string) => ({
    add(times: number, labels: Record<string, unknown>) {
      const own = Object.entries(labels).filter(
        ([label]) => !['namespace', 'taskQueue', 'activityType'].includes(label),
      );
      const written = own.map(([label, value]) => `${label}=${String(value)}`);
      const key = `${name}{${written.join(',')}}`;
      counts[key] = (counts[key] ?? 0) + times;
    },
  });
  return { ...noopMetricMeter, createCounter } as unknown as MetricMeter;
}

export function runActivity<R, A>(run: (request: R) => Promise<A>, request: R, attempt?: Attempt): Promise<A> {
  return activityEnvironment(attempt).run(run, request);
}

/** What it was rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const failure: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof Error)) throw new Error('it was expected to fail');
  return failure as Error & Record<string, unknown>;
}

/** The times of a test with a clock of its own: everything but what promises need. */
export function fakeClock(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
}

import { MockActivityEnvironment } from '@temporalio/testing';
import type { Client } from '@temporalio/client';
import { DefaultLogger } from '@temporalio/worker';
import type { Account } from '../../accounts/connect';
import { Shares } from '../../accounts/shares';
import type { ActivityDeps } from '../../activities/deps';
import type { ContactCenter } from '../../connectors/contact-center';
import type { Platform } from '../../connectors/platform';

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
}

export interface MockedActivity extends MockActivityEnvironment {
  heartbeats: unknown[];
}

/** What an activity runs in, with its heartbeats kept. */
export function activityEnvironment(attempt: Attempt = {}): MockedActivity {
  const logger = new DefaultLogger('ERROR', () => undefined);
  const environment = new MockActivityEnvironment(attempt, { logger }) as MockedActivity;
  environment.heartbeats = [];
  environment.on('heartbeat', (details) => environment.heartbeats.push(details));
  return environment;
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

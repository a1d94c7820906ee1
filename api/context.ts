import type { Client } from '@temporalio/client';
import type { RequestHandler } from 'express';
import type { Accounts } from '../accounts/connect';
import type { Logger } from '../settings/logger';
import type { Scope, Settings } from '../settings/schema';
import { createAuth } from './http/auth';
import { createGate, type Gate } from './http/gate';
import { limitUnderPressure } from './http/pressure';
import { createMetrics, type Metrics } from './operations/metrics';
import { createTemporal, type Temporal } from './temporal/client';
import { createActivityReports, type ActivityReports } from './webhooks/activity';
import { createPresence, type Presence } from './webhooks/presence';

/** What the API is made from. */
export interface AppDeps {
  settings: Settings;
  accounts: Accounts;
  client: Client;
  logger: Logger;
  /** Milliseconds since the epoch; replaced in tests of what expires. */
  now?: () => number;
  limits?: Partial<ApiLimits>;
}

/** Limits that are no settings; replaced in tests. */
export interface ApiLimits {
  /** How long a request's body may take to arrive. */
  bodyTimeoutMs: number;
  /** Bodies of more than 64 KiB that are read or handled at the same time. */
  largeBodies: number;
  /** Files that are served at the same time. */
  fileStreams: number;
  maxFileBytes: number;
  /** How long one file may take in all, and without any progress. */
  fileTimeoutMs: number;
  fileIdleMs: number;
}

const LIMITS: ApiLimits = {
  bodyTimeoutMs: 10_000,
  largeBodies: 32,
  fileStreams: 100,
  maxFileBytes: 64 * 1024 * 1024,
  fileTimeoutMs: 10 * 60_000,
  fileIdleMs: 30_000,
};

/** What the routes share. */
export interface AppContext {
  settings: Settings;
  accounts: Accounts;
  logger: Logger;
  now: () => number;
  limits: ApiLimits;
  temporal: Temporal;
  metrics: Metrics;
  presence: Presence;
  activity: ActivityReports;
  requireScope: (scope: Scope) => RequestHandler<never>;
  gates: {
    /** Requests that are handled now. */
    requests: Gate;
    largeBodies: Gate;
    /** Calls that wait for a handoff's state and cost little while they do. */
    waits: Gate;
    files: Gate;
  };
}

/** So many calls may wait for a handoff's state for each request that may be handled. */
const WAITS_PER_REQUEST = 10;

export function createContext({ client, now = Date.now, limits, ...deps }: AppDeps): AppContext {
  const { api, temporal: own } = deps.settings;
  const metrics = createMetrics();
  const temporal = createTemporal(client, own.taskQueue, () => metrics.temporalUnavailable.inc());
  const presence = createPresence(temporal, ({ name }) => metrics.presenceFailures.inc({ account: name }));
  const activity = createActivityReports(temporal, ({ name }) => metrics.activityFailures.inc({ account: name }));
  const all = { ...LIMITS, ...limits };
  const gates = {
    requests: createGate(limitUnderPressure(api.maxInFlight)),
    largeBodies: createGate(all.largeBodies),
    waits: createGate(api.maxInFlight * WAITS_PER_REQUEST),
    files: createGate(all.fileStreams),
  };
  return {
    ...deps,
    now,
    limits: all,
    temporal,
    metrics,
    presence,
    activity,
    gates,
    requireScope: createAuth(api.keys),
  };
}

import type { Client } from '@temporalio/client';
import type { Accounts } from '../accounts/connect';
import type { Logger } from '../settings/logger';
import type { Settings } from '../settings/schema';
import { createMetrics, type Metrics } from './operations/metrics';
import { createPresence, type Presence } from './webhooks/presence';
import { createTemporal, type Temporal } from './temporal';

/** What the API is made from. */
export interface AppDeps {
  settings: Settings;
  accounts: Accounts;
  client: Client;
  logger: Logger;
  /** Milliseconds since the epoch; replaced in tests of what expires. */
  now?: () => number;
}

/** What the routes share. */
export interface AppContext {
  settings: Settings;
  accounts: Accounts;
  logger: Logger;
  now: () => number;
  temporal: Temporal;
  metrics: Metrics;
  presence: Presence;
}

export function createContext({ client, now = Date.now, ...deps }: AppDeps): AppContext {
  const metrics = createMetrics();
  const temporal = createTemporal(client, deps.settings.temporal.taskQueue, () => metrics.temporalUnavailable.inc());
  const presence = createPresence(temporal, ({ name }) => metrics.presenceFailures.inc({ account: name }));
  return { ...deps, now, temporal, metrics, presence };
}

/** The largest body anyone may send. */
export const BODY_LIMIT = '1mb';

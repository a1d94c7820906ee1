import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Settings } from './schema';

/** What both kinds of connection understand: the API's and the worker's native one. */
export interface TemporalConnectionOptions {
  address: string;
  namespace: string;
  tls?: ConnectionOptions['tls'];
  apiKey?: string;
  metadata?: Record<string, string>;
}

/**
 * Where Temporal is. The `TEMPORAL_*` variables, which all of Temporal's tools read, win over the settings file;
 * a TOML profile counts only where `TEMPORAL_CONFIG_FILE` names it, never because one lies in a home folder.
 */
export function temporalConnectionOptions(
  settings: Settings['temporal'],
  env: NodeJS.ProcessEnv,
): TemporalConnectionOptions {
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: env as Record<string, string>,
    disableFile: !env.TEMPORAL_CONFIG_FILE,
  });
  return {
    address: connectionOptions.address ?? settings.address,
    namespace: namespace ?? settings.namespace,
    tls: connectionOptions.tls,
    apiKey: connectionOptions.apiKey,
    metadata: connectionOptions.metadata as Record<string, string> | undefined,
  };
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for downloads and builds, shared by all checkouts of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'durable-handoff');
}

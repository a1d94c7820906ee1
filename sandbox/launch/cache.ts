import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what was fetched or built once is kept, for every checkout of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'durable-handoff');
}

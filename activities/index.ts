import { contactCenterActivities } from './contact-center';
import type { ActivityDeps } from './deps';
import { withFailures } from './errors';
import { platformActivities } from './platform';
import { watchActivities } from './watch/watch';

/** What handoff workflows may do to the world, each a thin call of a connector. */
export function createHandoffActivities(deps: ActivityDeps) {
  return withFailures({ ...platformActivities(deps), ...contactCenterActivities(deps) });
}

/** The long polls, for a task queue of their own. */
export function createWatchActivities(deps: ActivityDeps) {
  return withFailures(watchActivities(deps));
}

export type HandoffActivities = ReturnType<typeof createHandoffActivities>;
export type WatchActivities = ReturnType<typeof createWatchActivities>;

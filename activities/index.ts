import { contactCenterActivities } from './contact-center';
import type { ActivityDeps } from './deps';
import { platformActivities } from './platform';
import { settingsActivities } from './settings';
import { janitorActivities } from './watch/janitor';
import { watchActivities } from './watch/watch';

/** What handoff workflows may do to the world, each a thin call of a connector. */
export function createHandoffActivities(deps: ActivityDeps) {
  return { ...platformActivities(deps), ...contactCenterActivities(deps), ...settingsActivities(deps) };
}

/** The long polls and the janitor, for a task queue of their own. */
export function createWatchActivities(deps: ActivityDeps) {
  return { ...watchActivities(deps), ...janitorActivities(deps) };
}

export type HandoffActivities = ReturnType<typeof createHandoffActivities>;
export type WatchActivities = ReturnType<typeof createWatchActivities>;

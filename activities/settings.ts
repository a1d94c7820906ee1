import { snapshot } from '../accounts/snapshot';
import type { HandoffSettings } from '../domain/handoff';
import { accountOf, type ActivityDeps } from './deps';

export function settingsActivities(deps: Pick<ActivityDeps, 'accounts'>) {
  return {
    /** What a handoff that starts now takes along. */
    readSettings: ({ account }: { account: string }): Promise<HandoffSettings> =>
      Promise.resolve(snapshot(accountOf(deps, account))),
  };
}

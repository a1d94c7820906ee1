import type { Account } from '../../accounts/connect';
import type { Temporal } from '../temporal/client';

/** So many times in each `reconcileEvery` a watch learns which conversations are active. */
const REPORTS = 4;
/** What one signal carries at most. */
const MAX_HANDOFFS = 1_000;

/**
 * Tells the watch of a platform in which conversations something was said lately, so that it looks there more often
 * for what a lost webhook never brought. A few signals a minute for a whole account, and none while nothing is said.
 */
export function createActivityReports(temporal: Temporal, onFailure: (account: Account) => void) {
  const pending = new Map<string, Set<string>>();

  async function report(account: Account): Promise<void> {
    const handoffIds = [...(pending.get(account.name) ?? [])];
    pending.delete(account.name);
    try {
      for (let i = 0; i < handoffIds.length; i += MAX_HANDOFFS) {
        await temporal.active(account.name, handoffIds.slice(i, i + MAX_HANDOFFS));
      }
    } catch {
      // The next message of each of them reports it again.
      onFailure(account);
    }
  }

  return {
    /** Something was said in these handoffs just now. */
    note(account: Account, handoffIds: string[]): void {
      if (handoffIds.length === 0 || !account.platform.history) return;
      const known = pending.get(account.name);
      if (known) {
        for (const id of handoffIds) known.add(id);
        return;
      }
      pending.set(account.name, new Set(handoffIds));
      setTimeout(() => void report(account), account.settings.watch.reconcileEvery / REPORTS).unref();
    },
  };
}
export type ActivityReports = ReturnType<typeof createActivityReports>;

import { deprecatePatch, patched } from '@temporalio/workflow';

/** A change of workflow code that the histories from before it must not see. */
export interface Patch {
  /** The day of the change, as 2026-11-26. */
  date: string;
  /** What is different since, and why: enough to decide when the old branch may go. */
  reason: string;
}

/**
 * Every patch of the workflows, by the id that is recorded in histories: never rename one. Nothing has been released
 * yet, so no history is older than the code. How to add one and how to remove it: docs/upgrades.md.
 */
export const PATCHES = {} as const satisfies Record<string, Patch>;

export type PatchId = keyof typeof PATCHES;

/** Whether this run has begun the changed way; the branch for those that have not follows the old code. */
export function isPatched(id: PatchId): boolean {
  return patched(id);
}

/** In place of {@link isPatched}, once no run from before the change is left and the old branch is gone. */
export function isPatchedEverywhere(id: PatchId): void {
  deprecatePatch(id);
}

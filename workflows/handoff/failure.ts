import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { isFinalFailure } from '../../domain/failures';
import type { StepFailure } from './state';

/**
 * Why an activity ended without success: a final kind, or undefined where it ran out of time. Anything but an
 * activity's failure is a bug of ours and goes on up: it holds the handoff until a fixed worker takes over.
 */
export function failureOf(error: unknown): StepFailure {
  if (!(error instanceof ActivityFailure)) throw error;
  const type = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
  return isFinalFailure(type) ? type : undefined;
}

/** The vendor's own words, for people. */
export function wordsOf(error: unknown): string | undefined {
  return error instanceof ActivityFailure ? error.cause?.message : undefined;
}

/** The messages that were sent before the one that failed, by the platform's ids. */
export function sentBefore(error: unknown): string[] {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure) return idsIn(cause.lastHeartbeatDetails);
  return cause instanceof ApplicationFailure ? idsIn(cause.details?.[0]) : [];
}

function idsIn(progress: unknown): string[] {
  return Array.isArray(progress) ? progress.filter((id) => typeof id === 'string') : [];
}

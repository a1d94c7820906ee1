import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { type CancellationScope, log, scheduleActivity, workflowInfo } from '@temporalio/workflow';
import { isFinalFailure } from '../../domain/failures';
import { PLATFORM } from '../../domain/ids';
import { activityOptions } from './activity-options';
import type { Call, Result } from './calls';

/** Performs a call, and answers how it ended. Only a bug of ours, which is no activity's failure, is thrown. */
export async function perform(call: Call, scope: CancellationScope): Promise<Result> {
  const since = new Date().toISOString();
  try {
    const answer = await scope.run(() => scheduleActivity<unknown>(call.activity, [call.request], optionsOf(call)));
    return { call, ok: true, answer } as Result;
  } catch (error) {
    const failure = failureOf(error, scope.consideredCancelled);
    if (failure === 'timed-out') warnOfTimeout(call);
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    return { call, ok: false, failure, detail: cause?.message, progress: progressOf(cause), since } as Result;
  }
}

/** Its attempts are logged where they were made; that there will be no other is known only here. */
function warnOfTimeout(call: Call): void {
  const handoffId = workflowInfo().workflowId;
  log.warn('a call ran out of its time', { handoffId, activity: call.activity, connection: connectionOf(call) });
}

function connectionOf(call: Call): string {
  switch (call.activity) {
    case 'openCase':
      return call.request.route.contactCenter;
    case 'append':
    case 'note':
    case 'noteEarlierCase':
    case 'checkCase':
    case 'closeCase':
      return call.request.contactCenter;
    default:
      return PLATFORM;
  }
}

/** At least a moment, so that what is overdue is tried once more. */
const LEAST_MS = 1_000;

function optionsOf({ activity, summary, within }: Call) {
  if (!within) return activityOptions(activity, summary, undefined);
  const passed = within.since === undefined ? 0 : Date.now() - Date.parse(within.since);
  return activityOptions(activity, summary, Math.max(LEAST_MS, within.ms - passed));
}

/**
 * A final kind of refusal, or else a call that ran out of time. What we have asked to be cancelled is interrupted,
 * however it ends: Temporal retries it no more, so its timeout says nothing about the vendor.
 */
function failureOf(error: unknown, isCancelled: boolean) {
  if (error instanceof CancelledFailure) return 'interrupted';
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof CancelledFailure) return 'interrupted';
  if (cause instanceof ApplicationFailure && isFinalFailure(cause.type)) return cause.type;
  return isCancelled ? 'interrupted' : 'timed-out';
}

/** What was done before it failed: by the failure's details, or by the last heartbeat. */
function progressOf(cause: Error | undefined): unknown[] {
  const details =
    cause instanceof TimeoutFailure
      ? (cause.lastHeartbeatDetails as { done?: unknown } | undefined)?.done
      : cause instanceof ApplicationFailure || cause instanceof CancelledFailure
        ? cause.details?.[0]
        : undefined;
  return Array.isArray(details) ? (details as unknown[]) : [];
}

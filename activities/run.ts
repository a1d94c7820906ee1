import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { ShareFull } from '../accounts/shares';
import type { ActivityDeps } from './deps';
import { withCallContext, type CallPriority } from '../connectors/shared/call-context';
import { VendorError, type VendorErrorKind } from '../connectors/shared/errors';
import { isFinalFailure } from '../domain/failures';
import { logDone, logFailed, type CallFields } from './call-log';
import { Interrupted, startProgress, type Progress } from './progress';

/** An activity as it is written: with its progress beside its request. */
type Work<R, A> = (request: R, progress: Progress) => Promise<A>;

export interface Kind<R, A = unknown> {
  priority: CallPriority;
  /** Whose share of the process it uses. */
  connection(request: R): string;
  /** What the log names where the call changes something: ids, never texts. The answer is missing where it failed. */
  logged?(request: R, answer?: A): CallFields | undefined;
}

/**
 * An activity as Temporal runs it: within its connection's share, with heartbeats in the background, all its calls
 * aborted when it is cancelled, and every error as the workflow is to see it.
 */
export function activity<R extends { account: string }, A>(
  { shares }: Pick<ActivityDeps, 'shares'>,
  kind: Kind<R, NoInfer<A>>,
  work: Work<R, A>,
): (request: R) => Promise<A> {
  return async (request) => {
    const context = Context.current();
    const progress = startProgress();
    const { cancellationSignal: signal } = context;
    const check = () => {
      if (signal.aborted) throw new Interrupted('The call is cut short');
      progress.check();
    };
    const callContext = { signal, priority: kind.priority, check };
    const share = { account: request.account, connection: kind.connection(request) };
    try {
      const answer = await shares.run(share, kind.priority, signal, () =>
        withCallContext(callContext, () => work(request, progress)),
      );
      logDone(share, kind.logged?.(request, answer));
      return answer;
    } catch (error) {
      if (signal.aborted || error instanceof Interrupted) throw interrupted(context, progress);
      logFailed(error, { ...share, ...kind.logged?.(request) }, progress);
      progress.failed(error instanceof VendorError && WITHOUT_EFFECT.includes(error.kind));
      throw toFailure(error, progress.done);
    } finally {
      progress.stop();
    }
  };
}

/** After these nothing needs to be read back. */
const WITHOUT_EFFECT: VendorErrorKind[] = ['rate-limited', 'unavailable', 'unauthorized'];

/** Cancelled by the workflow, or cut off by the end of this worker: then another attempt goes on. */
function interrupted({ cancellationDetails }: Context, progress: Progress): Error {
  const { done } = progress;
  if (cancellationDetails?.cancelRequested) return new CancelledFailure('The call was cut short', [done]);
  progress.failed(false);
  return ApplicationFailure.create({
    message: 'The worker stopped during the call',
    type: 'interrupted',
    details: [done],
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Longer than this no vendor's `Retry-After` holds up the next attempt: it may be wrong, or out of date soon. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * What a vendor's refusal means for the retry: final kinds end the activity, and the workflow decides by their type;
 * everything else is tried again, after the time the vendor asked for within a limit. Nothing but our own words goes
 * along: causes hold request headers and bodies, and failures are kept in histories.
 */
export function toFailure(error: unknown, done: readonly unknown[] = []): Error {
  if (error instanceof ApplicationFailure) return error;
  if (!(error instanceof VendorError)) return error instanceof Error ? error : new Error(String(error));
  const { kind, details, message } = error;
  const common = { message, type: kind, details: [done] };
  if (isFinalFailure(kind)) return ApplicationFailure.create({ ...common, nonRetryable: true });
  const { retryAfterMs } = details;
  const longest = error instanceof ShareFull ? Infinity : MAX_RETRY_AFTER_MS;
  return ApplicationFailure.create({
    ...common,
    nextRetryDelay: retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, longest),
    // Waiting for a rate limit or a restart is part of the day's work; refused credentials are not.
    category: kind === 'unauthorized' ? undefined : ApplicationFailureCategory.BENIGN,
  });
}

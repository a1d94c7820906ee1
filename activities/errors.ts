import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { VendorError } from '../connectors/shared/errors';
import { isFinalFailure } from '../domain/failures';

/**
 * What a vendor's refusal means for the retry: final kinds end the activity, and the workflow decides by their type;
 * everything else is tried again, after the time the vendor asked for where it named one. Nothing but our own words
 * goes along: causes hold request headers and bodies, and failures are kept in histories.
 *
 * @param progress what the workflow needs to know of how far the activity came
 */
export function toFailure(error: unknown, ...progress: unknown[]): Error {
  if (error instanceof ApplicationFailure) return error;
  if (!(error instanceof VendorError)) return error instanceof Error ? error : new Error(String(error));
  const { kind, details, message } = error;
  if (isFinalFailure(kind))
    return ApplicationFailure.create({ message, type: kind, nonRetryable: true, details: progress });
  return ApplicationFailure.create({
    message,
    type: kind,
    details: progress,
    nextRetryDelay: details.retryAfterMs,
    // Waiting for a rate limit or a restart is part of the day's work; refused credentials are not.
    category: kind === 'unauthorized' ? undefined : ApplicationFailureCategory.BENIGN,
  });
}

type Activity<A extends unknown[], R> = (...args: A) => Promise<R>;

/** The same activities, with every error as Temporal is to see it. */
export function withFailures<T extends Record<string, Activity<never[], unknown>>>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}

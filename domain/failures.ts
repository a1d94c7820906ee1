import type { UndeliverableReason } from './message';

/**
 * The kinds in which a vendor refuses for good, as the types of the activity failures the workflow decides by.
 * Everything else is retried.
 */
export const FINAL_FAILURES = [
  'rejected', // the vendor will never take this as it is
  'too-large',
  'unsupported',
  'not-found', // no such conversation or case
  'conversation-closed',
  'case-closed',
  'no-agents', // nobody is there for this queue
] as const;
export type FinalFailure = (typeof FINAL_FAILURES)[number];

export function isFinalFailure(type: string | null | undefined): type is FinalFailure {
  return (FINAL_FAILURES as readonly string[]).includes(type ?? '');
}

/** Why a message is undeliverable. A failure of no final kind has run out of time. */
export function undeliverableReason(type: string | null | undefined): UndeliverableReason {
  if (!isFinalFailure(type)) return 'timed-out';
  return type === 'not-found' || type === 'no-agents' ? 'rejected' : type;
}

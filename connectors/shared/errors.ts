import type { FinalFailure } from '../../domain/failures';

/**
 * What a vendor's refusal means. `rate-limited`, `unavailable` and `unauthorized` (credentials are rotated) pass with
 * time and had no effect; `ambiguous` may or may not have taken effect, so the next attempt reads back first; the rest
 * is final.
 */
export type VendorErrorKind = 'rate-limited' | 'unavailable' | 'unauthorized' | 'ambiguous' | FinalFailure;

/**
 * What every connector throws when a vendor does not do what it was asked. The message names operation and status
 * and quotes the vendor's own words; it never holds a secret or the text of a conversation's message, because it
 * ends up in workflow histories and logs.
 */
export class VendorError extends Error {
  override readonly name = 'VendorError';

  constructor(
    readonly kind: VendorErrorKind,
    message: string,
    /** `retryAfterMs`: how long the vendor asked to wait. `status`: its HTTP status, where there was an answer. */
    readonly details: { retryAfterMs?: number; status?: number } = {},
  ) {
    super(message);
  }
}

/** The same refusal as one that passes with time and had no effect: it is tried again. */
export function asUnavailable({ message, details }: VendorError): VendorError {
  return new VendorError('unavailable', message, details);
}

/** Why a webhook was refused; the API answers with the status that belongs to the reason. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';

  constructor(
    readonly reason: 'unauthorized' | 'malformed',
    message: string,
  ) {
    super(message);
  }
}

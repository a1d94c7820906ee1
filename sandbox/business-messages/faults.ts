import { z } from 'zod';
import { type ApiFault, type FaultableCall, Faults, faultsSchema, isRegularExpression } from '../shared/faults';
import type { Journal } from '../shared/journal';
import { ApiError } from './errors';

const REFUSALS = {
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
} as const;

/** `refusedAvatars`: a regular expression over `avatarImage`; null accepts every picture again. */
export const businessMessagesFaultsSchema = faultsSchema.extend({
  refusedAvatars: z.string().refine(isRegularExpression, 'is not a regular expression').nullable().optional(),
});

/** The shared faults, whose refusals come in Google's error body, and pictures that the platform does not accept. */
export class BusinessMessagesFaults extends Faults {
  private refusedAvatars: string | null = null;

  constructor(private readonly journal: Journal) {
    super();
  }

  override set({ refusedAvatars, ...shared }: z.output<typeof businessMessagesFaultsSchema>): void {
    super.set(shared);
    if (refusedAvatars !== undefined) this.refusedAvatars = refusedAvatars;
  }

  override clear(): void {
    super.clear();
    this.refusedAvatars = null;
  }

  override take(call: FaultableCall): ApiFault | undefined {
    const { method, path } = call;
    const fault = super.take(call);
    if (fault) this.journal.append('fault', { method, path, answer: fault.answer });
    if (typeof fault?.answer !== 'number') return fault;
    throw new ApiError(REFUSALS[fault.answer], 'A fault that was asked for.', fault.retryAfter);
  }

  /** Throws where this picture is to be refused. */
  checkAvatar(avatarImage: string | undefined): void {
    if (avatarImage === undefined || this.refusedAvatars === null) return;
    if (!new RegExp(this.refusedAvatars).test(avatarImage)) return;
    throw new ApiError('INVALID_ARGUMENT', 'representative.avatarImage: the picture is not accepted');
  }
}

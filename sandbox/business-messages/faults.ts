import { type ApiFault, Faults } from '../shared/faults';
import { ApiError } from './errors';

const REFUSALS = { 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE' } as const;

/** The shared faults, whose refusals come in Google's envelope. */
export class BusinessMessagesFaults extends Faults {
  override take(method: string, path: string): ApiFault | undefined {
    const fault = super.take(method, path);
    if (typeof fault?.answer !== 'number') return fault;
    throw new ApiError(REFUSALS[fault.answer], 'A fault that was asked for.', fault.retryAfter);
  }
}

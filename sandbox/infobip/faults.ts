import { z } from 'zod';
import { type ApiFault, Faults, faultsSchema } from '../shared/faults';
import { ApiError, tooManyRequests } from './errors';

/** `webhookContent: omitted` leaves the optional fields of a webhook's message out, so that it has to be read back. */
export const infobipFaultsSchema = faultsSchema.extend({ webhookContent: z.enum(['full', 'omitted']).optional() });

/** The shared faults, whose refusals come in Infobip's envelope. */
export class InfobipFaults extends Faults {
  webhookContent: 'full' | 'omitted' = 'full';

  override set({ webhookContent, ...shared }: z.output<typeof infobipFaultsSchema>): void {
    super.set(shared);
    if (webhookContent) this.webhookContent = webhookContent;
  }

  override clear(): void {
    super.clear();
    this.webhookContent = 'full';
  }

  override take(method: string, path: string): ApiFault | undefined {
    const fault = super.take(method, path);
    if (typeof fault?.answer === 'number') throw refusal(fault.answer, fault.retryAfter);
    return fault;
  }
}

function refusal(status: 429 | 500 | 503, retryAfterSeconds: number | undefined): ApiError {
  if (status === 429) return tooManyRequests(retryAfterSeconds);
  return new ApiError(status, 'GENERAL_ERROR', 'Something went wrong. Please contact support.', { retryAfterSeconds });
}

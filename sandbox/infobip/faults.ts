import { z } from 'zod';
import { type ApiFault, type FaultableCall, Faults, faultsSchema } from '../shared/faults';
import type { Journal } from '../shared/journal';
import { ApiError, tooManyRequests, unauthorized, unknownId } from './errors';

/** `webhookContent: omitted` leaves the optional fields of a webhook's message out, so that it has to be read back. */
export const infobipFaultsSchema = faultsSchema.extend({ webhookContent: z.enum(['full', 'omitted']).optional() });

/** The shared faults, whose refusals come in Infobip's envelope. */
export class InfobipFaults extends Faults {
  webhookContent: 'full' | 'omitted' = 'full';

  constructor(
    private readonly journal: Journal,
    private readonly unknownIdStatus: 400 | 404,
  ) {
    super();
  }

  override set({ webhookContent, ...shared }: z.output<typeof infobipFaultsSchema>): void {
    super.set(shared);
    if (webhookContent) this.webhookContent = webhookContent;
  }

  override clear(): void {
    super.clear();
    this.webhookContent = 'full';
  }

  override take(call: FaultableCall): ApiFault | undefined {
    const { method, path } = call;
    const fault = super.take(call);
    if (fault) this.journal.append('fault', { method, path, answer: fault.answer });
    if (typeof fault?.answer === 'number') throw this.refusal(fault.answer, path, fault.retryAfter);
    return fault;
  }

  private refusal(status: 401 | 404 | 429 | 500 | 503, path: string, retryAfterSeconds: number | undefined): ApiError {
    if (status === 401) return unauthorized();
    if (status === 404) return unknownId(this.unknownIdStatus, path.split('/')[4] ?? '');
    if (status === 429) return tooManyRequests(retryAfterSeconds);
    return new ApiError(status, 'GENERAL_ERROR', 'Something went wrong. Please contact support.', {
      retryAfterSeconds,
    });
  }
}

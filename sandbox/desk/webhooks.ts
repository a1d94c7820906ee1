import type { Faults } from '../shared/faults';
import type { Journal } from '../shared/journal';
import { WebhookQueue } from '../shared/webhook-queue';
import type { DeskEvent } from './cases';
import { webhookHeaders } from './signature';

interface Options {
  /** `whsec_…` */
  secret: string;
  url: string;
  faults: Faults;
  journal: Journal;
  retryScheduleMs?: number[];
}

/** What the desk tells the service. The webhooks of one case follow each other, but for the faults. */
export class Webhooks {
  private readonly queues = new Map<string, WebhookQueue>();

  constructor(private readonly options: Options) {}

  push(event: DeskEvent): void {
    const { secret, url } = this.options;
    const body = JSON.stringify(event);
    this.queueOf(event.caseKey).push({
      about: { event: event.id, type: event.type, caseKey: event.caseKey },
      async post(signal) {
        const headers = { 'Content-Type': 'application/json', ...webhookHeaders(secret, event.id, body) };
        const answer = await fetch(url, { method: 'POST', headers, body, signal });
        await answer.body?.cancel();
        return answer.status;
      },
    });
  }

  /** Ends all that is under way. */
  clear(): void {
    for (const queue of this.queues.values()) queue.clear();
    this.queues.clear();
  }

  private queueOf(caseKey: string): WebhookQueue {
    const { faults, journal, retryScheduleMs } = this.options;
    const queue = this.queues.get(caseKey) ?? new WebhookQueue({ faults, journal, about: caseKey, retryScheduleMs });
    this.queues.set(caseKey, queue);
    return queue;
  }
}

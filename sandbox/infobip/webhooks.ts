import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeLimit } from '../../domain/time-limit';
import type { Journal } from '../shared/journal';
import { createStop } from '../shared/stop';
import type { InfobipFaults } from './faults';
import type { PlatformEvent } from './model';
import { legacyWebhook, subscriptionWebhook, type Webhook } from './payloads';
import type { Store } from './store';
import type { Subscriptions, Target } from './subscriptions';

export interface WebhookOptions {
  store: Store;
  subscriptions: Subscriptions;
  faults: InfobipFaults;
  journal: Journal;
  timeoutMs: number;
  /** How long to wait before each further attempt; after the last one the webhook is dropped. */
  retryScheduleMs: readonly number[];
}

interface Delivery extends Webhook {
  target: Target;
  conversationId: string;
}

/**
 * Sends webhooks, at least once each: anything but a 200 is tried again. Those of one conversation to one target
 * follow each other, so a failing one holds the rest back, unless a fault asks for another order.
 */
export class Webhooks {
  private readonly queues = new Map<string, Promise<void>>();
  private readonly held = new Map<string, { delivery: Delivery; timer: NodeJS.Timeout }>();
  private stop = createStop();

  constructor(private readonly options: WebhookOptions) {}

  publish(event: PlatformEvent): void {
    if (this.stop.signal.aborted) return;
    const { store, subscriptions, faults } = this.options;
    const conversationId = event.conversation.id;
    const webhook = subscriptionWebhook(event, store, faults.webhookContent === 'full');
    for (const target of subscriptions.targets(webhook.event)) this.dispatch({ ...webhook, target, conversationId });
    const legacy = subscriptions.accountWebhookUrl ? legacyWebhook(event) : undefined;
    if (legacy) {
      const target = { name: 'account configuration', url: subscriptions.accountWebhookUrl, headers: {} };
      this.dispatch({ ...legacy, target, conversationId });
    }
  }

  /** Drops all that is under way. */
  reset(): void {
    this.close();
    this.stop = createStop();
  }

  /** Drops all that is under way, and sends nothing more. */
  close(): void {
    this.stop.abort();
    for (const { timer } of this.held.values()) clearTimeout(timer);
    this.held.clear();
    this.queues.clear();
  }

  private dispatch(delivery: Delivery): void {
    const { delivery: manner, delayMs } = this.options.faults.webhookFor(delivery.conversationId);
    switch (manner) {
      case 'normal':
        return this.enqueue(delivery);
      case 'late':
        return this.enqueue(delivery, delayMs);
      case 'twice':
        this.enqueue(delivery);
        return this.enqueue(delivery);
      case 'out-of-order':
        return this.swap(delivery, delayMs);
      case 'never':
        this.journal(delivery, { dropped: true });
    }
  }

  private enqueue(delivery: Delivery, delayMs = 0): void {
    const { signal } = this.stop;
    const key = laneOf(delivery);
    const before = this.queues.get(key) ?? Promise.resolve();
    const queue = before
      .then(() => this.deliver(delivery, delayMs, signal))
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      })
      .finally(() => {
        if (this.queues.get(key) === queue) this.queues.delete(key);
      });
    this.queues.set(key, queue);
  }

  /** Holds the first of two back until the second has gone, or sends it alone when none has come in time. */
  private swap(delivery: Delivery, delayMs: number): void {
    const key = laneOf(delivery);
    const held = this.held.get(key);
    if (!held) {
      const timer = setTimeout(() => this.release(key), delayMs);
      this.held.set(key, { delivery, timer });
      return;
    }
    this.enqueue(delivery);
    this.release(key);
  }

  private release(key: string): void {
    const held = this.held.get(key);
    if (!held) return;
    clearTimeout(held.timer);
    this.held.delete(key);
    this.enqueue(held.delivery);
  }

  private async deliver(delivery: Delivery, delayMs: number, signal: AbortSignal): Promise<void> {
    const waits = [delayMs, ...this.options.retryScheduleMs];
    for (const [index, waitMs] of waits.entries()) {
      await sleep(waitMs, undefined, { signal });
      const answer = await this.attempt(delivery, signal);
      if (signal.aborted) return;
      this.journal(delivery, { attempt: index + 1, ...answer });
      if (answer.status === 200) return;
    }
  }

  private async attempt({ target, body }: Delivery, signal: AbortSignal): Promise<{ status?: number; error?: string }> {
    const limit = startTimeLimit(target.timeoutMs ?? this.options.timeoutMs, [signal]);
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...target.headers },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: limit.signal,
      });
      await response.arrayBuffer();
      return { status: response.status };
    } catch (error) {
      return { error: causeOf(error) };
    } finally {
      limit.clear();
    }
  }

  /** The URL stays out: it carries a secret. */
  private journal({ target, type, conversationId, body }: Delivery, outcome: Record<string, unknown>): void {
    this.options.journal.append('webhook', { target: target.name, type, conversationId, body, ...outcome });
  }
}

const laneOf = ({ target, conversationId }: Delivery) => `${target.name} ${conversationId}`;

/** What `fetch` hides behind "fetch failed". */
function causeOf(error: unknown): string {
  const { cause, name } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? name;
}

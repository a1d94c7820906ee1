import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What the API counts, in a registry of its own. */
export interface Metrics {
  registry: Registry;
  /** Seconds by method, route template and status. */
  requests: Histogram<'method' | 'route' | 'status'>;
  /** What a webhook brought, by account, connection and what became of it. */
  webhookEvents: Counter<'account' | 'connection' | 'outcome'>;
  /** By account and whether the handoff was new. */
  handoffs: Counter<'account' | 'status'>;
  /** Calls that failed because Temporal or a worker did not answer. */
  temporalUnavailable: Counter;
  /** Signs of typing or reading that could not be shown. */
  presenceFailures: Counter<'account'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'handoff_api_request_duration_seconds',
      help: 'Time to answer a request.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    webhookEvents: new Counter({
      name: 'handoff_api_webhook_events_total',
      help: 'What webhooks brought, by what became of it.',
      labelNames: ['account', 'connection', 'outcome'],
      registers,
    }),
    handoffs: new Counter({
      name: 'handoff_api_handoffs_total',
      help: 'Calls for a handoff, by whether it was new (accepted) or already there (existing).',
      labelNames: ['account', 'status'],
      registers,
    }),
    temporalUnavailable: new Counter({
      name: 'handoff_api_temporal_unavailable_total',
      help: 'Calls that failed because Temporal or a worker did not answer.',
      registers,
    }),
    presenceFailures: new Counter({
      name: 'handoff_api_presence_failures_total',
      help: 'Signs of typing or reading that could not be shown.',
      labelNames: ['account'],
      registers,
    }),
  };
}

import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What the API counts, in a registry of its own. */
export interface Metrics {
  registry: Registry;
  /** Seconds by method, route template and status. */
  requests: Histogram<'method' | 'route' | 'status'>;
  /** Items of webhooks by account, connection and outcome. */
  webhookEvents: Counter<'account' | 'connection' | 'outcome'>;
  /** Requests for a handoff by account and status. */
  handoffs: Counter<'account' | 'status'>;
  /** Requests that were refused because too many were in flight. */
  shed: Counter;
  /** Calls that failed because Temporal or a worker did not answer. */
  temporalUnavailable: Counter;
  /** Typing and read indicators that could not be shown. */
  presenceFailures: Counter<'account'>;
  /** Reports of active conversations that did not reach their watch. */
  activityFailures: Counter<'account'>;
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
      help: 'Items of webhooks by outcome.',
      labelNames: ['account', 'connection', 'outcome'],
      registers,
    }),
    handoffs: new Counter({
      name: 'handoff_api_handoffs_total',
      help: 'Requests for a handoff by status: accepted (new) or existing.',
      labelNames: ['account', 'status'],
      registers,
    }),
    shed: new Counter({
      name: 'handoff_api_shed_total',
      help: 'Requests that were refused because too many were in flight.',
      registers,
    }),
    temporalUnavailable: new Counter({
      name: 'handoff_api_temporal_unavailable_total',
      help: 'Calls that failed because Temporal or a worker did not answer.',
      registers,
    }),
    presenceFailures: new Counter({
      name: 'handoff_api_presence_failures_total',
      help: 'Typing and read indicators that could not be shown.',
      labelNames: ['account'],
      registers,
    }),
    activityFailures: new Counter({
      name: 'handoff_api_activity_report_failures_total',
      help: 'Reports of active conversations that did not reach their watch.',
      labelNames: ['account'],
      registers,
    }),
  };
}

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
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name: `handoff_api_${name}_total`, help, labelNames, registers });
  return {
    registry,
    requests: new Histogram({
      name: 'handoff_api_request_duration_seconds',
      help: 'Time to answer a request.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    webhookEvents: counter('webhook_events', 'Items of webhooks by outcome.', ['account', 'connection', 'outcome']),
    handoffs: counter('handoffs', 'Requests for a handoff by status: accepted (new) or existing.', [
      'account',
      'status',
    ]),
    shed: counter('shed', 'Requests that were refused because too many were in flight.'),
    temporalUnavailable: counter(
      'temporal_unavailable',
      'Calls that failed because Temporal or a worker did not answer.',
    ),
    presenceFailures: counter('presence_failures', 'Typing and read indicators that could not be shown.', ['account']),
    activityFailures: counter(
      'activity_report_failures',
      'Reports of active conversations that did not reach their watch.',
      ['account'],
    ),
  };
}

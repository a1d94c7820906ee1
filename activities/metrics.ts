import { metricMeter } from '@temporalio/activity';

/** Where something happened, for the log and the metrics: `connection` is a contact center's name, or `platform`. */
export interface Source {
  account: string;
  connection: string;
}

/** What the worker counts beside what Temporal's SDK does, at the same address. */
const COUNTERS = {
  failed: 'Vendor calls that failed, by activity and kind of failure.',
  set_aside: 'Conversations and items that could not be read and are tried again later.',
  found: 'Events that a watch found and brought to their handoffs.',
  late: 'Events that came after the end of their handoff.',
} as const;

/** Counts within an activity, whose type the SDK adds as a label. */
export function count(
  what: keyof typeof COUNTERS,
  { account, connection }: Source,
  { times = 1, ...labels }: { times?: number; kind?: string } = {},
): void {
  const counter = metricMeter.createCounter(`handoff_worker_${what}_total`, undefined, COUNTERS[what]);
  counter.add(times, { account, connection, ...labels });
}

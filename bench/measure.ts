import type { Client } from '@temporalio/client';
import type { Arrivals } from './arrivals';
import type { Contender } from './contender';
import { countEvents } from './history';
import { atOnce, steadily } from './load';
import type { Options } from './options';
import { percentile } from './statistics';

/** What one contender did in one round. Times are those of the machine it ran on. */
export interface Turn {
  /** From a webhook to the vendor's call, in milliseconds, at the steady rate. */
  p50: number;
  p95: number;
  /** Messages per second, in a burst. */
  throughput: number;
  /** Events of history for each message, at the steady rate and in a burst. */
  steadyEvents: number;
  burstEvents: number;
}

type Amount = Pick<Options, 'messages' | 'rate' | 'burst'>;

/** One turn: first steadily, then a burst; the histories are counted in between, while nothing happens. */
export async function measure(client: Client, arrivals: Arrivals, contender: Contender, amount: Amount): Promise<Turn> {
  const { messages, rate, burst } = amount;
  const before = await countEvents(client, contender.workflows);
  const latencies = await steadily(contender, arrivals, messages, rate);
  const between = await countEvents(client, contender.workflows);
  const throughput = await atOnce(contender, arrivals, burst);
  const after = await countEvents(client, contender.workflows);
  return {
    p50: percentile(latencies, 50),
    p95: percentile(latencies, 95),
    throughput,
    steadyEvents: (between - before) / messages,
    burstEvents: (after - between) / burst,
  };
}

import { VIOLATIONS, type Violation, type ViolationKind } from './check';
import type { FaultCounts } from './fault-injector';
import type { TortureOptions } from './options';
import type { Memory } from './memory';
import type { ConversationRecord } from './record';

/** A conversation and what the checker found. */
export interface Judged {
  record: ConversationRecord;
  violations: Violation[];
}

export interface Outcome {
  options: TortureOptions;
  planHash: string;
  judged: Judged[];
  /** Why the run was stopped; undefined where it came to its end. */
  stuck: string | undefined;
  disturbed: number;
  endedByThemselves: string[];
  faults: FaultCounts;
  /** Conversations with violations, and one more if the run was stopped. */
  failed: number;
  seconds: number;
  memory?: Memory;
  /** Where the logs of the processes are, if they were kept. */
  logs?: string;
}

/** The table of a run, for people; on a failure with the timeline of one guilty conversation. */
export function reportOf(outcome: Outcome): string {
  const lines = [headOf(outcome), '', ...tableOf(outcome.judged), '', ...sidesOf(outcome)];
  if (outcome.failed === 0) return [...lines, '', 'Nothing lost, nothing doubled, nothing stuck.'].join('\n');
  const guilty = outcome.judged.filter(({ violations }) => violations.length > 0);
  return [
    ...[...lines, ''],
    ...(outcome.stuck ? [`The run was stopped: ${outcome.stuck}.`] : []),
    ...guilty
      .slice(0, 20)
      .flatMap(({ record, violations }) => violations.slice(0, 5).map((one) => lineOf(record, one))),
    ...(guilty.length > 0 ? ['', ...timelineOf(leastOf(guilty))] : []),
    '',
    `To see it again: npm run torture -- ${argumentsOf(outcome.options)}`,
    ...(outcome.logs ? [`Logs: ${outcome.logs}`] : []),
  ].join('\n');
}

function headOf({ options, planHash, seconds, disturbed }: Outcome): string {
  const { conversations, messages, kills, seed, webhooks, server, mutate } = options;
  return [
    `${conversations} conversations × ${messages} messages, ${kills} kills (${disturbed} disturbances took place)`,
    `seed ${seed} (plan ${planHash}), webhooks ${webhooks ? 'on' : 'off'}, Temporal on ${server}`,
    `${seconds} s${mutate ? `, broken on purpose: ${mutate}` : ''}`,
  ].join('\n');
}

function tableOf(judged: Judged[]): string[] {
  const messages = judged.flatMap(({ record }) => record.sent);
  const arrived = messages.filter((one) => one.arrivedAt !== undefined);
  const rows: [string, number | string][] = [
    ['messages sent', messages.length],
    ['arrived', arrived.length],
    ...VIOLATIONS.map((kind): [string, number] => [kind, countOf(judged, kind)]),
  ];
  return [...rows.map(([name, value]) => `  ${name.padEnd(20)}${String(value).padStart(8)}`), `  ${latency(judged)}`];
}

function latency(judged: Judged[]): string {
  const times = judged
    .flatMap(({ record }) =>
      record.sent.flatMap(({ at, arrivedAt }) => (arrivedAt === undefined ? [] : [arrivedAt - at])),
    )
    .sort((a, b) => a - b);
  const at = (part: number) =>
    `${((times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0) / 1_000).toFixed(1)} s`;
  return `on the way: median ${at(0.5)}, 95 of 100 within ${at(0.95)}, 99 within ${at(0.99)}, all within ${at(1)}`;
}

function sidesOf({ faults, endedByThemselves, memory }: Outcome): string[] {
  const hit = [...faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${what} × ${times}`);
  return [
    `Faults that hit: ${hit.join(', ') || 'none'}`,
    ...(memory ? [`Memory: ${memoryWords(memory)}`] : []),
    ...(endedByThemselves.length > 0 ? [`Processes that ended by themselves: ${endedByThemselves.join(', ')}`] : []),
  ];
}

function memoryWords({ api, worker }: Memory): string {
  const words = ({ before, after }: Memory['api']) => `${before} MiB after a minute, ${after} MiB at the end`;
  return `both APIs ${words(api)}; both workers ${words(worker)}`;
}

function lineOf({ plan, conversationId }: ConversationRecord, { kind, detail }: Violation): string {
  return `  ${plan.name} (${conversationId}) ${kind}: ${detail}`;
}

/** The one with the shortest story is the easiest to understand. */
function leastOf(guilty: Judged[]): Judged {
  return [...guilty].sort((a, b) => a.record.timeline.length - b.record.timeline.length)[0]!;
}

function timelineOf({ record, violations }: Judged): string[] {
  const { plan, timeline, handoff, executions } = record;
  return [
    `What happened to ${plan.name}, which ends by: ${plan.ending}; case at ${plan.desk}`,
    ...violations.map((one) => lineOf(record, one)),
    ...timeline.map(({ at, who, what }) => `  ${at.slice(11, 23)} ${who.padEnd(11)} ${what}`),
    `  the API: ${JSON.stringify({ ...handoff, messages: handoff?.messages?.filter((one) => one.deliveryStatus !== 'delivered') })}`,
    `  Temporal: ${executions.join(', ')}`,
  ];
}

/** A run's result, for a file of results. */
export function resultOf({ options, judged, stuck, seconds, memory }: Outcome) {
  const { conversations, messages, kills, seed, server, webhooks } = options;
  const sent = judged.flatMap(({ record }) => record.sent);
  const counted = VIOLATIONS.map((kind): [string, number] => [kind, countOf(judged, kind)]);
  return {
    endedAt: new Date().toISOString(),
    ...{ seconds, options: { conversations, messages, kills, seed, server, webhooks } },
    sent: sent.length,
    arrived: sent.filter(({ arrivedAt }) => arrivedAt !== undefined).length,
    violations: Object.fromEntries([...counted, ['stuck', stuck === undefined ? 0 : 1]]),
    ...(memory && { memory }),
  };
}

function countOf(judged: Judged[], kind: ViolationKind): number {
  return judged.flatMap(({ violations }) => violations).filter((one) => one.kind === kind).length;
}

function argumentsOf({ webhooks, results: _, ...others }: TortureOptions): string {
  const given = { ...others, webhooks: webhooks ? 'on' : 'off' };
  return Object.entries(given)
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ');
}

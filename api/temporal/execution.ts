import type { RawWorkflowExecutionInfo } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { SearchAttribute } from '../../domain/search-attributes';

/** What a handoff's execution carries beside its state; it outlives continue-as-new. */
export interface HandoffMemo {
  /** When the handoff started, ISO 8601: an execution's own start is that of its latest run. */
  startedAt: string;
  /** Ids of the webhooks that asked for this handoff and for those before it, latest first. */
  startedBy: string[];
}

/** One workflow execution as Temporal itself describes it, without asking a worker. */
export interface Execution {
  handoffId: string;
  runId: string;
  running: boolean;
  /** It has ended by itself. */
  completed: boolean;
  /** Temporal ended it, so what the workflow last said about itself is no longer true. */
  failed: boolean;
  startedAt: string;
  closedAt?: string;
  startedBy: string[];
  attribute<T extends string | number>(name: SearchAttribute): T | undefined;
}

/** The numbers of Temporal's `WorkflowExecutionStatus`. */
const STATUS = { RUNNING: 1, COMPLETED: 2, FAILED: 3, TERMINATED: 5, TIMED_OUT: 7, PAUSED: 8 } as const;
const OPEN: number[] = [STATUS.RUNNING, STATUS.PAUSED];
const ENDED_BY_ITSELF: number[] = [STATUS.COMPLETED];
const ENDED_BY_TEMPORAL: number[] = [STATUS.FAILED, STATUS.TERMINATED, STATUS.TIMED_OUT];

export function readExecution(info: RawWorkflowExecutionInfo): Execution {
  const { execution, startTime, closeTime, memo, searchAttributes } = info;
  const status = info.status ?? 0;
  const fields = memo?.fields as { [K in keyof HandoffMemo]?: Payload } | undefined;
  return {
    handoffId: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
    running: OPEN.includes(status),
    completed: ENDED_BY_ITSELF.includes(status),
    failed: ENDED_BY_TEMPORAL.includes(status),
    startedAt: decode<string>(fields?.startedAt) ?? isoTime(startTime ?? {}),
    ...(closeTime && { closedAt: isoTime(closeTime) }),
    startedBy: decode<string[]>(fields?.startedBy) ?? [],
    attribute: (name) => decode(searchAttributes?.indexedFields?.[name]),
  };
}

function decode<T>(payload: Payload | null | undefined): T | undefined {
  return payload ? defaultPayloadConverter.fromPayload<T>(payload) : undefined;
}

function isoTime({ seconds, nanos }: NonNullable<RawWorkflowExecutionInfo['startTime']>): string {
  return new Date(Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6).toISOString();
}

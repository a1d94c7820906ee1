import { ApplicationFailure } from '@temporalio/common';
import type { LogLevel } from '@temporalio/worker';
import { parseHandoffId } from '../domain/ids';

/** A line of the worker's log. */
export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
  /** Of lines with the same word, one in a while is enough. */
  speaksFor?: string;
}

/** The SDK's levels in ours. */
export const LEVELS: Record<LogLevel, LogLine['level']> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** What the SDK reports at each start, and does not concern anybody. */
const ROUTINE = [/^No (workflows|Nexus services) registered/, /^asset /, /^Workflow bundle created/];

/**
 * What Temporal's SDK wants to log, as a line in our words: the same fields as in the log of the API, and none of those
 * that name nothing an operator knows. Our own lines of activities and workflows come this way too.
 */
export function lineOf(level: LogLevel, message: string, meta: object = {}): LogLine {
  const { error, ...rest } = meta as Record<string, unknown>;
  const retried = /^gRPC call (\w+) retried (\d+) times/.exec(message);
  if (retried) return unreachable(retried[1]!, Number(retried[2]), error);
  const isRoutine = ROUTINE.some((pattern) => pattern.test(message));
  // Vendors' refusals have their own lines, and not one for each attempt.
  const isReported = message === 'Activity failed' && error instanceof ApplicationFailure;
  return {
    level: isRoutine || isReported ? 'debug' : LEVELS[level],
    message,
    fields: { ...errorFields(error), ...knownFields(rest) },
  };
}

/** Each of the many calls that wait for Temporal says so at each attempt. */
function unreachable(operation: string, failures: number, error: unknown): LogLine {
  const reason = /message: "([^"]*)"/.exec(String(error))?.[1];
  const fields = { operation, failures, ...(reason && { reason }) };
  return { level: 'warn', message: 'Temporal does not answer; retrying', fields, speaksFor: 'unreachable' };
}

/** Names of the SDK that have another one here; undefined for those that are left out. */
const NAMES: Record<string, string | undefined> = {
  activityType: 'call',
  activityId: undefined,
  activityRunId: undefined,
  isLocal: undefined,
  namespace: undefined,
  sdkComponent: undefined,
  taskToken: undefined,
  timestampNanos: undefined,
  workflowRunId: undefined,
  workflowType: undefined,
};

function knownFields(meta: Record<string, unknown>): Record<string, unknown> {
  const { workflowId, taskQueue, ...rest } = meta;
  const named = Object.entries(rest).flatMap(([key, value]): [string, unknown][] => {
    const name = key in NAMES ? NAMES[key] : key;
    return name === undefined ? [] : [[name, value]];
  });
  // Which of the two workers of the process it is matters only where nothing else is known.
  const origin = typeof workflowId === 'string' ? workflowFields(workflowId) : taskQueue ? { taskQueue } : {};
  return { ...origin, ...Object.fromEntries(named) };
}

/** A handoff's workflow is known by the handoff's id, as everywhere else. */
function workflowFields(workflowId: string): Record<string, unknown> {
  const handoff = parseHandoffId(workflowId);
  return handoff ? { account: handoff.account, handoffId: workflowId } : { workflowId };
}

function errorFields(error: unknown): Record<string, unknown> {
  if (error === undefined) return {};
  return error instanceof Error ? { reason: error.message, stack: error.stack } : { reason: error };
}

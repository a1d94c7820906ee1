import type { ActivityOptions } from '@temporalio/workflow';
import type { ActivityName } from './calls';

/** A worker that has died is noticed after this time, and its call begins anew. */
const HEARTBEAT_TIMEOUT = '10s';
/** No healthy call takes this long. */
const ONE_CALL = '2m';
/** Several messages, one after the other. */
const MANY_CALLS = '10m';

const BACKOFF = { initialInterval: '1s', backoffCoefficient: 2 } as const;

/** The longest pause between two attempts: longer where no end user waits for what comes of it. */
const LONGEST_PAUSE: Record<ActivityName, string> = {
  readSettings: '5s',
  gather: '15s',
  readMissed: '15s',
  link: '15s',
  openCase: '30s',
  append: '60s',
  note: '60s',
  noteEarlierCase: '60s',
  send: '60s',
  say: '60s',
  announce: '60s',
  checkConversation: '60s',
  checkCase: '60s',
  closeConversation: '2m',
  closeCase: '5m',
};

/** How Temporal runs an activity: until when, at what pace it is retried, and how it is cut short. */
export function activityOptions(
  activity: ActivityName,
  summary: string,
  withinMs: number | undefined,
): ActivityOptions {
  return {
    summary,
    startToCloseTimeout: activity === 'append' || activity === 'send' ? MANY_CALLS : ONE_CALL,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    ...(withinMs !== undefined && { scheduleToCloseTimeout: withinMs }),
    retry: { ...BACKOFF, maximumInterval: LONGEST_PAUSE[activity] as '60s' },
    // What is cut short has really stopped before its successor starts.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  };
}

import { proxyActivities } from '@temporalio/workflow';
import type { HandoffActivities } from '../../activities';
import type { HandoffTimers } from '../../domain/handoff';

/** No healthy call takes this long; a crashed worker is noticed after it. */
const ONE_CALL = '60s';
const BACKOFF = { initialInterval: '1s', backoffCoefficient: 2 } as const;

/** The activities with what each may cost in time; made once per run, from the handoff's own timers. */
export function activitiesFor(timers: HandoffTimers) {
  return {
    /** Nice to have: what cannot be read or written in this time is done without. */
    optional: proxyActivities<HandoffActivities>({
      startToCloseTimeout: ONE_CALL,
      scheduleToCloseTimeout: '2m',
      retry: { ...BACKOFF, maximumInterval: '15s' },
    }),
    opening: proxyActivities<HandoffActivities>({
      startToCloseTimeout: '2m',
      scheduleToCloseTimeout: timers.openWithin,
      retry: { ...BACKOFF, maximumInterval: '30s' },
    }),
    /** Several messages in turn: each tells that it is out by a heartbeat, which also shows that the worker lives. */
    sending: proxyActivities<HandoffActivities>({
      startToCloseTimeout: '10m',
      heartbeatTimeout: ONE_CALL,
      scheduleToCloseTimeout: timers.deliverWithin,
      retry: { ...BACKOFF, maximumInterval: '60s' },
    }),
    /** One call about one or more messages, either way. */
    delivering: proxyActivities<HandoffActivities>({
      startToCloseTimeout: ONE_CALL,
      scheduleToCloseTimeout: timers.deliverWithin,
      retry: { ...BACKOFF, maximumInterval: '60s' },
    }),
    /** Retried until done: a conversation left open is a customer nobody hears. */
    closing: proxyActivities<HandoffActivities>({
      startToCloseTimeout: ONE_CALL,
      retry: { ...BACKOFF, maximumInterval: '5m' },
    }),
  };
}

export type Activities = ReturnType<typeof activitiesFor>;

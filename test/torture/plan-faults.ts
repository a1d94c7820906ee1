import type { ApiFault, WebhookFault } from '../../sandbox/shared/faults';
import type { Operation, PlannedFault } from './plan';
import type { Random } from './random';

/** How often each kind of call is hit: the more its failure could lose or double, the more often. */
const OPERATIONS: Partial<Record<Operation, number>> = {
  send: 8,
  append: 8,
  'open-case': 2,
  'find-case': 1,
  'close-conversation': 3,
  'check-conversation': 2,
  'close-case': 2,
  'read-messages': 3,
  'find-appended': 2,
  'read-agent-messages': 1,
  note: 1,
  link: 1,
};

type Kind = Exclude<ApiFault['answer'], 'hang'> | 'wait';

const KINDS: Partial<Record<Kind, number>> = {
  'timeout-after-effect': 6,
  reset: 2,
  429: 2,
  wait: 2,
  500: 2,
  503: 2,
  401: 1,
  404: 1,
  'proxy-404': 1,
  'proxy-502': 1,
  'failed-200': 1,
  slow: 1,
  'slow-answer': 1,
};

/** What a vendor's answer may take at most (the setting `timeoutMs` of the desks; Infobip has 20 s). */
export const DESK_TIMEOUT_MS = 5_000;

export function planApiFaults(random: Random, messages: number): PlannedFault[] {
  const count = random.between(0, Math.ceil(messages / 3));
  return Array.from({ length: count }, () => {
    const operation = random.weighted(OPERATIONS);
    return {
      operation,
      after: random.between(0, operation === 'send' || operation === 'append' ? 3 : 0),
      fault: fault(random),
    };
  });
}

function fault(random: Random): ApiFault {
  const kind = random.weighted(KINDS);
  const once = { times: 1, delayMs: 0 };
  switch (kind) {
    case 'wait':
      return { ...once, answer: random.pick([429, 503] as const), retryAfter: random.between(1, 3) };
    case 'slow':
      return { ...once, answer: kind, delayMs: random.between(200, DESK_TIMEOUT_MS - 1_500) };
    case 'slow-answer':
      return { ...once, answer: kind, delayMs: random.between(500, 2 * DESK_TIMEOUT_MS) };
    default:
      return { ...once, answer: isNumber(kind) ? (Number(kind) as 500) : (kind as 'reset') };
  }
}

const isNumber = (kind: unknown) => !Number.isNaN(Number(kind));

/** Calls to the end user take effect, and break off before they are answered. */
export const LOST_ANSWERS: PlannedFault[] = [0, 1, 1, 0].map((after) => ({
  operation: 'send',
  after,
  fault: { answer: 'timeout-after-effect', times: 1, delayMs: 0 },
}));

/** The case comes about some time after it was asked for, and still in time. */
export const SLOW_OPENING: PlannedFault = {
  operation: 'open-case',
  after: 0,
  fault: { answer: 'slow', times: 1, delayMs: DESK_TIMEOUT_MS - 1_000 },
};

/** More than a conversation has. */
export function noWebhooks(messages: number): WebhookFault[] {
  return Array.from({ length: 10 * messages }, () => ({ delivery: 'never', delayMs: 0 }));
}

const DELIVERIES = { normal: 16, late: 2, twice: 2, never: 1 } as const;

/** `lossy`: whether any may be lost or late. */
export function planWebhookFaults(random: Random, messages: number, lossy: boolean) {
  const sequence = () => Array.from({ length: messages }, () => webhookFault(random, lossy));
  return { platform: sequence(), desk: sequence() };
}

function webhookFault(random: Random, lossy: boolean): WebhookFault {
  const delivery = random.weighted<keyof typeof DELIVERIES>(DELIVERIES);
  if (!lossy && delivery !== 'twice') return { delivery: 'normal', delayMs: 0 };
  return { delivery, delayMs: delivery === 'late' ? random.between(100, 4_000) : 0 };
}

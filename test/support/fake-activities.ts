import { ApplicationFailure } from '@temporalio/common';
import type { HandoffActivities } from '../../activities';

/** What the fake vendors were asked to do, in order, as `name` and what matters of the request. */
export interface FakeWorld {
  activities: HandoffActivities;
  calls: { name: keyof HandoffActivities; request: Record<string, unknown> }[];
  /** Replaces how one activity ends. */
  on<N extends keyof HandoffActivities>(name: N, run: HandoffActivities[N]): void;
  names(): string[];
}

export function fakeWorld(): FakeWorld {
  const calls: FakeWorld['calls'] = [];
  const replaced: Partial<HandoffActivities> = {};
  const defaults: HandoffActivities = {
    gather: () => Promise.resolve({ messageIds: [], tags: [], attributes: {} }),
    openCase: () => Promise.resolve({ id: 'case-1' }),
    send: ({ messages }) =>
      Promise.resolve(messages.map(({ id, messageId }) => ({ id, platformId: `p-${messageId}`, isLast: true }))),
    say: () => Promise.resolve({ platformId: `p-${calls.length}` }),
    announce: () => Promise.resolve(),
    link: () => Promise.resolve(),
    readMissed: () => Promise.resolve({ messages: [], more: false }),
    checkConversation: () => Promise.resolve({ status: 'open' }),
    checkCase: () => Promise.resolve({ status: 'open', ref: { id: 'case-1' } }),
    closeConversation: () => Promise.resolve({ status: 'closed' }),
    append: ({ messages }) => Promise.resolve({ appended: messages.map(({ id }) => id) }),
    note: () => Promise.resolve(),
    closeCase: () => Promise.resolve(),
    noteEarlierCase: () => Promise.resolve(),
    readSettings: refuses('unknown-account'),
  };
  const entries = Object.keys(defaults).map((key) => {
    const name = key as keyof HandoffActivities;
    const run = (request: never) => {
      calls.push({ name, request });
      return (replaced[name] ?? defaults[name])(request);
    };
    return [name, run];
  });
  return {
    activities: Object.fromEntries(entries) as HandoffActivities,
    calls,
    on: (name, run) => {
      replaced[name] = run;
    },
    names: () => calls.map(({ name }) => name),
  };
}

/** As activities/run.ts has a vendor's refusal arrive. */
export function refuses(type: string, message = 'refused'): () => Promise<never> {
  return () => Promise.reject(ApplicationFailure.create({ type, message, nonRetryable: true }));
}

export function failsForNow(): Promise<never> {
  return Promise.reject(ApplicationFailure.create({ type: 'unavailable', message: 'down' }));
}

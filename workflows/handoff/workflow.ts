import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import { QUERIES, SIGNALS, UPDATES } from '../../domain/contract';
import { isHandoffEvent, type HandoffEvent } from '../../domain/events';
import type { HandoffView, Verdict } from '../../domain/handoff';
import { close } from './close';
import { createHandoff, type Handoff, type RunInput } from './handoff';
import { Lanes } from './lanes';
import { link, open } from './open';
import { verdictOf, viewOf } from './view';

/** What may be asked to end a handoff, and by whom. */
export type ClosedBy = 'operator' | 'end-user';

/** How long a step may hold up a new run before it is cut short and taken up there. */
const NEW_RUN_PATIENCE_MS = 30_000;

/**
 * One handoff: from the bot's call to the closed conversation. It runs shielded from cancellation, because a
 * cancelled handoff has as much to close as any other; cancellation is one way to end.
 */
export async function handoff(input: RunInput): Promise<HandoffView> {
  const self = createHandoff(input);
  answer(self);
  const root = CancellationScope.current();
  root.cancelRequested.catch(() => self.apply({ type: 'end', outcome: 'cancelled' }));

  await CancellationScope.nonCancellable(() => story(self));
  if (root.consideredCancelled) await root.cancelRequested;
  return viewOf(input, self.state);
}

async function story(self: Handoff): Promise<void> {
  if (!self.state.case && !self.state.closing) {
    await open(self);
    // Messages do not wait for the note on the conversation; a failure of it is logged and no more.
    if (self.state.case) void link(self);
  }
  const lanes = new Lanes(self);
  do {
    while (!self.state.closing) {
      await relay(self);
      if (self.state.closing || !wantsNewRun(self)) continue;
      await lanes.stop(NEW_RUN_PATIENCE_MS);
      await condition(allHandlersFinished);
      await continueAsNew<typeof handoff>({ ...self.input, carried: self.state });
    }
    await close(self);
  } while (!self.state.closing);
  await condition(allHandlersFinished);
  self.apply({ type: 'ended' });
  await lanes.stop(0);
}

/** Until something ends the handoff, its history has grown long, or nobody has answered in time. */
async function relay(self: Handoff): Promise<void> {
  const { state, settings } = self;
  const { answerWithin } = settings.timers;
  const over = () => self.state.closing !== undefined || wantsNewRun(self);
  if (answerWithin === null || state.answered) return condition(over);
  const left = Date.parse(state.startedAt) + answerWithin - Date.now();
  const inTime = left > 0 && (await condition(over, left, { summary: 'Nobody has answered' }));
  if (!inTime && !self.state.answered) self.apply({ type: 'end', outcome: 'unanswered' });
}

function wantsNewRun({ settings }: Handoff): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > settings.maxHistoryEvents;
}

const deliver = defineSignal<[unknown]>(SIGNALS.deliver);
const view = defineQuery<HandoffView>(QUERIES.view);
const unseen = defineQuery<string[], [string[]]>(QUERIES.unseen);
const verdict = defineUpdate<Verdict>(UPDATES.verdict);
const closeNow = defineUpdate<HandoffView, [ClosedBy]>(UPDATES.close);
const retry = defineUpdate<HandoffView, [string]>(UPDATES.retry);

/** Registers all that can be said to a handoff and asked of it, before its first await. */
function answer(self: Handoff): void {
  setHandler(deliver, (events) => {
    const all = Array.isArray(events) ? (events as unknown[]) : [events];
    const sound = all.filter((event): event is HandoffEvent => isHandoffEvent(event));
    if (sound.length < all.length) log.warn('dropped what is no event', { dropped: all.length - sound.length });
    for (const event of sound) self.apply(event);
  });
  setHandler(view, () => viewOf(self.input, self.state));
  setHandler(unseen, (keys) => {
    const seen = new Set(self.state.seen);
    return keys.filter((key) => !seen.has(key));
  });
  setHandler(verdict, async () => {
    await condition(() => verdictOf(self.state) !== undefined);
    return verdictOf(self.state)!;
  });
  setHandler(
    closeNow,
    (by) => {
      self.apply({ type: 'end', outcome: by === 'end-user' ? 'ended-by-user' : 'cancelled' });
      return viewOf(self.input, self.state);
    },
    { validator: (_by) => refuseWhen(self.state.closing !== undefined, 'The handoff is being closed already.') },
  );
  setHandler(
    retry,
    (messageId) => {
      self.apply({ type: 'retry', messageId });
      return viewOf(self.input, self.state);
    },
    {
      validator: (messageId) => {
        const known = self.state.givenUp.some(({ message }) => message.id === messageId);
        refuseWhen(!known, 'There is no undeliverable message with this id that is still kept.');
        refuseWhen(self.state.closing !== undefined, 'The handoff is being closed.');
      },
    },
  );
}

function refuseWhen(refused: boolean, why: string): void {
  if (refused) throw ApplicationFailure.create({ message: why, type: 'refused', nonRetryable: true });
}

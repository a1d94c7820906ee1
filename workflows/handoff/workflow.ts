import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { SIGNALS, type HandoffInput, type HandoffResult } from '../../domain/contract';
import type { HandoffSettings } from '../../domain/handoff';
import { PLATFORM, watchId } from '../../domain/ids';
import { caseEventsIn } from '../../domain/late-note';
import type { CallOf } from './calls';
import { createHandoff, type Handoff, type RunInput } from './handoff';
import { handleMessages } from './messages';
import { perform } from './perform';
import { Runner } from './runner';
import { viewOf } from './view';

/** Requests that are remembered from one handoff of a conversation to the next. */
const REMEMBERED_REQUESTS = 20;
const SETTINGS_WITHIN_MS = 10_000;
/** How long calls under way may hold up a new run before they are cut short and taken up there. */
const NEW_RUN_GRACE_MS = 10_000;

/**
 * One handoff: from the bot's call to the closed conversation. It runs shielded from cancellation, because a
 * cancelled handoff has as much to close as any other; cancellation is one way to end.
 */
export async function handoff(input: RunInput): Promise<HandoffResult> {
  const self = createHandoff(input);
  handleMessages(self);
  const root = CancellationScope.current();
  root.cancelRequested.catch(() => self.apply({ type: 'end', outcome: 'cancelled' }));

  await CancellationScope.nonCancellable(() => run(self));
  if (root.consideredCancelled) await root.cancelRequested;
  return { ...viewOf(input, self.state), seen: self.state.seen };
}

/** Until both sides are closed, in as many runs as it takes; then the bot's next call, where there has been one. */
async function run(self: Handoff): Promise<void> {
  const isOver = () => self.state.phase.name === 'closed';
  const { carried: _, ...input } = self.input;
  let { settings } = input;
  // What arrives while the watches are being notified is still to be done.
  for (let isTold = false; !isTold; isTold = isOver()) {
    const runner = new Runner(self);
    await Promise.race([condition(() => isOver() || wantsNewRun(self)), runner.failed()]);
    await runner.stop(isOver() ? 0 : NEW_RUN_GRACE_MS);
    self.isEnding = !isOver();
    await condition(allHandlersFinished);
    if (!isOver()) await continueAsNew<typeof handoff>({ ...input, carried: self.state });
    await unregister(self);
    if (self.state.requested) settings = await currentSettings(input);
  }
  const { requested, seen } = self.state;
  if (!requested) return;
  const { id, nonce, call } = requested;
  const { seenBefore = [] } = input;
  await startNext({ ...input, settings, nonce, call, seenBefore: caseEventsIn([...seenBefore, ...seen]) }, id);
}

/** The next handoff of the conversation, under the same workflow id; its memo says what it answers and when it began. */
async function startNext(input: HandoffInput, requestId: string): Promise<void> {
  const before = (workflowInfo().memo?.startedBy as string[] | undefined) ?? [];
  upsertMemo({ startedAt: new Date().toISOString(), startedBy: [requestId, ...before].slice(0, REMEMBERED_REQUESTS) });
  await continueAsNew<typeof handoff>(input);
}

/** A handoff keeps the settings it began with; the next one begins with those of now, if they can be had soon. */
async function currentSettings({ account, settings }: HandoffInput): Promise<HandoffSettings> {
  const call: CallOf<'readSettings'> = {
    activity: 'readSettings',
    request: { account },
    summary: 'Read the settings for the next handoff',
    within: { ms: SETTINGS_WITHIN_MS },
  };
  const result = await perform(call, new CancellationScope());
  return result.ok ? (result.answer as HandoffSettings) : settings;
}

/** The watches of its connections have nothing more to find for it. One that does not run needs no signal. */
async function unregister({ input, settings, state, context }: Handoff): Promise<void> {
  const { account } = input;
  const connections = new Set(state.cases.map(({ contactCenter }) => contactCenter));
  if (settings.platform.history && connections.size > 0) connections.add(PLATFORM);
  const signals = [...connections].map((connection) =>
    getExternalWorkflowHandle(watchId(account, connection)).signal(SIGNALS.unregister, [context().handoffId]),
  );
  await Promise.allSettled(signals);
}

function wantsNewRun({ settings }: Handoff): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > settings.maxHistoryEvents;
}

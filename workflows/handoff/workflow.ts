import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { SIGNALS, type HandoffResult } from '../../domain/contract';
import { PLATFORM, watchId } from '../../domain/ids';
import { createHandoff, type Handoff, type RunInput } from './handoff';
import { handleMessages } from './messages';
import { Runner } from './runner';
import type { HandoffState } from './state';
import { viewOf } from './view';

/** Requests that are remembered from one handoff of a conversation to the next. */
const REMEMBERED_REQUESTS = 20;
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
  // What arrives while the watches are being notified is still to be done.
  for (let isTold = false; !isTold; isTold = isOver()) {
    const runner = new Runner(self);
    await Promise.race([condition(() => isOver() || wantsNewRun(self)), runner.failed()]);
    await runner.stop(isOver() ? 0 : NEW_RUN_GRACE_MS);
    self.isEnding = !isOver();
    await condition(allHandlersFinished);
    if (!isOver()) await continueAsNew<typeof handoff>({ ...input, carried: self.state });
    await unregister(self);
  }
  const { requested } = self.state;
  if (requested) await startNext(input, requested);
}

/** The next handoff of the conversation, under the same workflow id; its memo says what it answers and when it began. */
async function startNext(
  { account, conversationId, settings }: RunInput,
  { id, nonce, call }: NonNullable<HandoffState['requested']>,
): Promise<void> {
  const before = (workflowInfo().memo?.startedBy as string[] | undefined) ?? [];
  upsertMemo({ startedAt: new Date().toISOString(), startedBy: [id, ...before].slice(0, REMEMBERED_REQUESTS) });
  await continueAsNew<typeof handoff>({ account, conversationId, settings, nonce, call });
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

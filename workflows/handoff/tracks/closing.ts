import type { CloseReason } from '../../../domain/handoff';
import type { Call, Result, ResultOf } from '../calls';
import type { Context } from '../context';
import { reduce } from '../reduce';
import { currentCase, isAllDelivered, type Case, type ClosingStep, type HandoffState } from '../state';
import { nextStep, withCase } from '../transitions';
import { OPTIONAL_MS, type TrackContext } from './track';

/** How long a step of closing may hold up the next one, where it may not do so forever. */
export const STEP_LIMITS_MS: Partial<Record<ClosingStep, number>> = {
  'last-answers': 10 * 60_000,
  /** The agent's side: until it is over, the end user's bot stays paused. */
  'last-messages': 30_000,
  /** An end user who misses the last words is better off than one whom the bot does not hear. */
  goodbye: 5 * 60_000,
};
/** Read back so far behind the beginning: clocks differ, and messages of one moment exist. */
const OVERLAP_MS = 2 * 60_000;

type Closing = Extract<HandoffState['phase'], { name: 'closing' }>;

/** The next step as soon as the present one has nothing more to do. */
export function advanceClosing(state: HandoffState, context: TrackContext): HandoffState {
  return isOver(state, context) ? nextStep(state, context.now) : state;
}

function isOver(state: HandoffState, context: TrackContext): boolean {
  const { step } = state.phase as Closing;
  switch (step) {
    case 'last-answers':
      return state.toEndUser.length === 0 && state.held === undefined;
    case 'goodbye':
      return state.toEndUser.length === 0;
    case 'last-messages':
      return state.toAgent.length === 0;
    case 'deliver-rest':
      return isAllDelivered(state);
    case 'close-cases':
      return unclosed(state, context) === undefined && isAllDelivered(state);
    case 'read-missed':
    case 'read-again':
      return readMissed(state, context) === undefined;
    case 'close-conversation':
      return state.conversation !== 'open';
  }
}

export function nextClosing(state: HandoffState, context: TrackContext): Call | undefined {
  const { step } = state.phase as Closing;
  switch (step) {
    case 'read-missed':
    case 'read-again':
      return readMissed(state, context);
    case 'close-conversation':
      return closeConversation(context);
    case 'close-cases':
      return closeCase(state, context);
    default:
      return undefined;
  }
}

/** Brings in what no webhook reported. */
function readMissed(state: HandoffState, { input, settings, handoffId }: TrackContext): Call | undefined {
  if (!settings.platform.history || !currentCase(state)?.ref || state.conversation === 'not-found') return undefined;
  const since = new Date(Date.parse(rememberedSince(state)) - OVERLAP_MS).toISOString();
  const { account, conversationId } = input;
  return {
    activity: 'readMissed',
    request: { account, conversationId, handoffId, since },
    summary: 'Read once more',
    within: { ms: OPTIONAL_MS },
  };
}

/** What is older than all it remembers, a handoff would take for new. */
function rememberedSince({ seenIsWhole, startedAt, lastInboundAt }: HandoffState): string {
  return seenIsWhole ? startedAt : (lastInboundAt ?? startedAt);
}

/** Tried until it is done, however long it takes: only a conversation that does not exist needs no closing. */
function closeConversation({ input: { account, conversationId } }: TrackContext): Call {
  const request = { account, conversationId };
  return { activity: 'closeConversation', request, summary: 'Give the conversation back to the bot' };
}

/**
 * A case that may be open: one that may have come about unseen, and one that our own last append may have opened again
 * after its agent closed it.
 */
function unclosed({ cases }: HandoffState, { settings }: TrackContext): Case | undefined {
  return cases.find(({ status, settled, contactCenter }) => {
    if (settled) return false;
    return status !== 'closed' || settings.contactCenters[contactCenter]!.appendReopens;
  });
}

function closeCase(state: HandoffState, context: TrackContext): Call | undefined {
  const left = unclosed(state, context);
  if (!left) return undefined;
  const { contactCenter, ref, key } = left;
  const { outcome } = state.phase as Closing;
  const reason: CloseReason = outcome === 'unavailable' ? 'unavailable' : 'conversation-ended';
  const request = { account: context.input.account, contactCenter, case: ref, key, reason };
  return { activity: 'closeCase', request, summary: `Close the case in ${contactCenter}` };
}

export function settleClosing(state: HandoffState, result: Result, context: Context): HandoffState {
  switch (result.call.activity) {
    case 'readMissed':
      return settleReadMissed(state, result as ResultOf<'readMissed'>, context);
    case 'closeConversation':
      return settleCloseConversation(state, result as ResultOf<'closeConversation'>);
    case 'closeCase':
      return settleCloseCase(state, result as ResultOf<'closeCase'>);
    default:
      return state;
  }
}

function settleCloseConversation(state: HandoffState, result: ResultOf<'closeConversation'>): HandoffState {
  return result.ok ? { ...state, conversation: result.answer.status } : state;
}

/** What cannot be read in time is done without. */
function settleReadMissed(state: HandoffState, result: ResultOf<'readMissed'>, context: Context): HandoffState {
  if (!result.ok) return result.failure === 'interrupted' ? state : nextStep(state, context.now);
  const { messages, more } = result.answer;
  const read = messages.reduce((next, message) => reduce(next, { type: 'inbound', message }, context), state);
  return more && messages.length > 0 ? read : nextStep(read, context.now);
}

/** A case that may not be closed stays in front of its agents, where people see it. */
function settleCloseCase(state: HandoffState, result: ResultOf<'closeCase'>): HandoffState {
  if (!result.ok && result.failure === 'interrupted') return state;
  const { key } = result.call.request;
  const hasFailed = state.cases.some((one) => one.key === key && one.status === 'failed');
  return withCase(state, key, { settled: true, ...(result.ok && !hasFailed && { status: 'closed' as const }) });
}

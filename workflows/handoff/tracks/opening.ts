import type { HandoffTimers } from '../../../domain/handoff';
import { route } from '../../../domain/routing';
import { withNote, withNotice } from '../backlog';
import type { Call, ResultOf } from '../calls';
import { remember } from '../reduce';
import { currentCase, ending, type Case, type Gathered, type HandoffState } from '../state';
import { end, fallBack, lastSpeaker, newCase, withCase } from '../transitions';
import { OPTIONAL_MS, type TrackContext } from './track';

/** Reads what the agent needs to know. */
export function gather({ input }: TrackContext): Call {
  const { account, conversationId } = input;
  return {
    activity: 'gather',
    request: { account, conversationId },
    summary: 'History, tags and metadata',
    within: { ms: OPTIONAL_MS },
  };
}

/** A conversation that cannot be read is handed over without its history. */
export function settleGather(state: HandoffState, result: ResultOf<'gather'>): HandoffState {
  if (result.ok) return withGathered(state, result.answer);
  if (result.failure === 'interrupted') return state;
  const isGone = result.failure === 'not-found' || result.failure === 'conversation-closed';
  return { ...state, context: 'unreadable', doubts: { ...state.doubts, conversation: isGone } };
}

function withGathered(state: HandoffState, gathered: Gathered): HandoffState {
  const next = { ...state, context: 'read' as const, gathered, replyTo: state.replyTo ?? gathered.replyTo };
  // Until the next case is there the messages belong to the present one, which gets them if the transfer fails.
  return state.cases.length === 0 ? withTranscript(next, gathered.messageIds) : next;
}

/** What the transcript holds is not delivered again, even where it arrived before the transcript was read. */
function withTranscript(state: HandoffState, messageIds: string[]): HandoffState {
  const transcript = messageIds.map((id) => `p:${id}`);
  const known = new Set(transcript);
  const arrived = state.seen.filter((key) => !known.has(key));
  return {
    ...remember({ ...state, seen: [] }, ...transcript, ...arrived),
    toAgent: state.toAgent.filter((item) => item.kind !== 'message' || !known.has(`p:${item.message.id}`)),
    messages: state.messages.filter(
      (view) => view.direction !== 'inbound' || view.deliveryStatus !== 'accepted' || !known.has(`p:${view.id}`),
    ),
  };
}

/** With its first case, or at its end where no rule matches. */
export function routed(state: HandoffState, { input, settings, handoffId, now }: TrackContext): HandoffState {
  const { queue, language, priority, attributes, customer } = input.call;
  const call = { queue, language: language ?? customer?.language, priority, attributes };
  const found = route(settings.routing, call, state.gathered ?? { tags: [], attributes: {} });
  if (!found) {
    const detail = 'No routing rule matches this conversation; add one without a condition as the last.';
    return end(state, 'unavailable', now, detail);
  }
  return { ...state, cases: [newCase(state, found, handoffId, now)] };
}

export function openCase(state: HandoffState, opening: Case, { input, settings }: TrackContext): Call {
  const { account, conversationId, call } = input;
  const { key, contactCenter, queue, language, priority } = opening;
  return {
    activity: 'openCase',
    request: {
      account,
      conversationId,
      key,
      route: { contactCenter, queue, language, priority },
      call,
      gathered: state.context === 'read' ? state.gathered : undefined,
      relayed: state.relayed,
    },
    summary: `Open the case in ${contactCenter}`,
    within: { ms: openingLimit(opening, settings.timers), since: opening.since },
  };
}

/** Where another contact center could take it, this one is not waited for as long. */
function openingLimit({ fallbacks }: Case, { openWithin, acceptWithin }: HandoffTimers): number {
  return fallbacks && acceptWithin !== null ? Math.min(openWithin, acceptWithin) : openWithin;
}

export function settleOpenCase(state: HandoffState, result: ResultOf<'openCase'>, context: TrackContext): HandoffState {
  const { key, route: wanted } = result.call.request;
  if (!result.ok) {
    if (result.failure === 'interrupted') return state;
    // Out of time, it may have come about unseen: then it is found by its key, and closed.
    const tried = withCase(state, key, { settled: result.failure !== 'timed-out' });
    return notOpened(tried, key, wanted.contactCenter, result.detail, context.now);
  }
  const before = currentCase(state);
  const known = state.cases.find((one) => one.key === key);
  const isAnswered = known?.answered === true;
  // An agent of the new case who is there already makes the one before leave.
  const agent = before && before.key !== key && !isAnswered ? lastSpeaker(state) : undefined;
  const left = agent ? [...state.toEndUser, { kind: 'left' as const, agent }] : state.toEndUser;
  const informed = withTranscript(state, state.gathered?.messageIds ?? []);
  const opened = withCase({ ...informed, toEndUser: left, gathered: withoutIds(state.gathered) }, key, {
    ref: result.answer,
    takenAt: context.now,
    // An agent may have closed it in the meantime.
    status: known?.status === 'closed' ? 'closed' : 'open',
  });
  if (ending(opened)) return opened;
  const doubts = { ...opened.doubts, case: false };
  const active = { ...opened, doubts, phase: { name: 'active' as const }, answered: isAnswered };
  return isAnswered ? active : withNotice(active, 'waiting');
}

function notOpened(
  state: HandoffState,
  key: string,
  to: string,
  detail: string | undefined,
  now: string,
): HandoffState {
  const failed = withCase({ ...state, gathered: withoutIds(state.gathered) }, key, { status: 'failed' });
  const next = fallBack(
    failed,
    failed.cases.find((one) => one.key === key)!,
    now,
  );
  if (next) return next;
  const current = currentCase(failed);
  if (!current || current.status === 'failed') return end(failed, 'unavailable', now, detail);
  // Who handed it on may have closed the case before.
  if (current.status === 'closed') return end(failed, 'resolved', now);
  return withNote(failed, { type: 'transfer-failed', to, detail: detail?.slice(0, 300) });
}

/** The transcript's ids are in `seen` for good; once the case has it, a second copy only weighs on continue-as-new. */
function withoutIds(gathered: Gathered | undefined): Gathered | undefined {
  return gathered && { ...gathered, messageIds: [] };
}

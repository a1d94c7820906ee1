import { undeliverableReason } from '../../../domain/failures';
import { sameAgent } from '../../../domain/message';
import { textFor } from '../../../domain/texts';
import { delivered, markUndeliverable, rememberSentIds } from '../backlog';
import type { Call, CallOf, Result, ResultOf } from '../calls';
import { currentCase, type HandoffState, type ToEndUserItem } from '../state';
import { announced, maybeJoined, missingChange, type Change } from './representative';
import { counted, markTried } from './to-agent';
import type { Track, TrackContext } from './track';

type MessageItem = Extract<ToEndUserItem, { kind: 'message' }>;
type Failed<N extends 'send' | 'say' | 'announce'> = Extract<ResultOf<N>, { ok: false }>;

/** So many messages go out in one call at most: each call costs the engine more than each message the platform. */
const BATCH = 10;
/** A platform that refuses a message so often, though it says that the conversation is open, will not take it. */
const MAX_REFUSALS = 3;

/**
 * Messages, announcements and our own texts to the end user, strictly in order. What is missing before an item may go
 * out, such as its agent's joining, follows from the state; the item stays at the head until nothing is missing.
 */
export const toEndUser: Track = {
  name: 'to the end user',

  /** Drops what has nothing left to do, and what can reach nobody any more. */
  advance(state, context) {
    const [head, ...rest] = state.toEndUser;
    if (!head) return state;
    const without = { ...state, toEndUser: rest };
    if (state.conversation !== 'open') {
      return head.kind === 'message'
        ? markUndeliverable(without, { direction: 'outbound', item: head }, 'conversation-closed')
        : without;
    }
    return isDone(state, head, context) ? without : announcedSilently(state, context);
  },

  next(state, context) {
    const head = state.toEndUser[0];
    if (!head || state.doubts.conversation || state.conversation !== 'open') return undefined;
    const change = missingChange(state, head);
    if (change) return announce(state, change, context);
    return head.kind === 'notice' ? say(state, head, context) : send(state, head as MessageItem, context);
  },

  settle(state, result, context) {
    return withTimeForGoodbye(state, settled(state, result), context.now);
  },

  /** What is said after the end would reach the end user while the bot speaks. */
  isWanted(_call, state) {
    return state.conversation === 'open';
  },
};

function settled(state: HandoffState, result: Result): HandoffState {
  const failed = !result.ok && (result as Failed<'send'>);
  if (failed && (failed.failure === 'conversation-closed' || failed.failure === 'not-found')) {
    return doubted(withSent(state, result as ResultOf<'send'>));
  }
  switch (result.call.activity) {
    case 'send':
      return settleSend(state, result as ResultOf<'send'>);
    case 'announce':
      return settleAnnounce(state, result as ResultOf<'announce'>);
    default:
      return settleSay(state, result as ResultOf<'say'>);
  }
}

/** However long it took until the agent could leave: the goodbye has its own time after that. */
function withTimeForGoodbye(before: HandoffState, after: HandoffState, now: string): HandoffState {
  const hasLeft = before.representative.type === 'HUMAN' && after.representative.type === 'BOT';
  if (!hasLeft || after.phase.name !== 'closing' || after.phase.step !== 'goodbye') return after;
  return { ...after, phase: { ...after.phase, since: now } };
}

function isDone(state: HandoffState, item: ToEndUserItem, context: TrackContext): boolean {
  if (item.kind === 'message') return false;
  if (item.kind === 'notice') return textOf(state, item.text, context) === undefined;
  return missingChange(state, item) === undefined;
}

/** Where neither the platform nor a text announces a change, it is one of the state alone. */
function announcedSilently(state: HandoffState, context: TrackContext): HandoffState {
  const change = missingChange(state, state.toEndUser[0]!);
  if (!change || context.settings.platform.representatives) return state;
  return announcement(state, change, context) === undefined ? announced(state, change) : state;
}

function announcement(state: HandoffState, { change }: Change, context: TrackContext): string | undefined {
  return textOf(state, change === 'joined' ? 'agentJoined' : 'agentLeft', context);
}

function textOf(state: HandoffState, key: Parameters<typeof textFor>[1], context: TrackContext): string | undefined {
  return textFor(context.settings.texts, key, languageOf(state, context));
}

function languageOf(state: HandoffState, { input: { call } }: TrackContext): string | undefined {
  return currentCase(state)?.language ?? call.language ?? call.customer?.language ?? state.gathered?.language;
}

function announce(state: HandoffState, change: Change, context: TrackContext): Call {
  const { settings, input, handoffId } = context;
  const id = `${handoffId}#${state.nonce}/${change.change}/${state.announcements}`;
  if (!settings.platform.representatives) {
    const since = state.toEndUser[0]?.announcingSince;
    return sayText(state, id, announcement(state, change, context)!, context, {
      params: { agent: change.agent.name },
      since,
    });
  }
  return {
    activity: 'announce',
    request: { account: input.account, conversationId: input.conversationId, eventId: id, ...change },
    summary: `The agent has ${change.change}`,
    within: { ms: settings.timers.deliverWithin, since: state.toEndUser[0]?.announcingSince },
  };
}

function say(state: HandoffState, item: Extract<ToEndUserItem, { kind: 'notice' }>, context: TrackContext): Call {
  const id = `${context.handoffId}#${state.nonce}/say/${item.id}`;
  return sayText(state, id, textOf(state, item.text, context)!, context, { since: item.triedSince });
}

function sayText(
  state: HandoffState,
  messageId: string,
  template: string,
  context: TrackContext,
  { params = {}, since }: { params?: Record<string, string>; since: string | undefined },
): CallOf<'say'> {
  return {
    activity: 'say',
    request: {
      ...addressOf(state, context),
      messageId,
      template,
      params,
      language: languageOf(state, context),
      sentSince: since,
    },
    summary: 'A text of our own to the end user',
    within: { ms: context.settings.timers.deliverWithin, since },
  };
}

/** What is pending at the head of the queue from one agent, in order. */
function send(state: HandoffState, head: MessageItem, context: TrackContext): CallOf<'send'> {
  const { agent } = head.message;
  const items: MessageItem[] = [];
  for (const item of state.toEndUser.slice(0, BATCH)) {
    if (item.kind !== 'message' || item.ofCase !== head.ofCase) break;
    if (!sameAgent(item.message.agent, agent) || !item.triedSince !== !head.triedSince) break;
    items.push(item);
  }
  const of = state.cases[head.ofCase ?? -1] ?? currentCase(state)!;
  return {
    activity: 'send',
    request: {
      ...addressOf(state, context),
      representative: { type: 'HUMAN', agent },
      contactCenter: of.contactCenter,
      case: of.ref,
      messages: items.map(({ message }) => ({
        id: message.id,
        messageId: `${context.handoffId}#${state.nonce}/out/${message.id}`,
        content: message.content,
      })),
      partsSent: head.partsSent,
      textLimit: context.settings.platform.textLimit,
      sentSince: head.triedSince,
    },
    summary: counted('To the end user', items.length),
    within: { ms: context.settings.timers.deliverWithin, since: head.attemptsSince },
  };
}

function addressOf(state: HandoffState, { input }: TrackContext) {
  const { account, conversationId } = input;
  return { account, conversationId, replyTo: state.replyTo, knownIds: state.sentIds };
}

/** Only the platform's own word on the conversation says that it is over. */
function doubted(state: HandoffState): HandoffState {
  const head = state.toEndUser[0];
  if (!head) return { ...state, doubts: { ...state.doubts, conversation: true } };
  const refusals = (head.refusals ?? 0) + 1;
  if (refusals >= MAX_REFUSALS) {
    const change = missingChange(state, head);
    return change?.change === 'left' ? announced(state, change) : dropHead(state, 'rejected');
  }
  const refused = withHead(state, { ...head, refusals });
  return { ...refused, doubts: { ...state.doubts, conversation: true } };
}

function withHead(state: HandoffState, head: ToEndUserItem): HandoffState {
  return { ...state, toEndUser: [head, ...state.toEndUser.slice(1)] };
}

/** Takes off what was sent: whole messages, and the parts of one that is still to be completed. */
function withSent(state: HandoffState, result: ResultOf<'send'>): HandoffState {
  if (result.call.activity !== 'send') return state;
  const sent = (result.ok ? result.answer : result.progress) as { id: string; platformId: string; isLast: boolean }[];
  const next = rememberSentIds(
    state,
    sent.map(({ platformId }) => platformId),
  );
  return sent.reduce((after, part) => partSent(after, part), next);
}

function partSent(state: HandoffState, { id, isLast }: { id: string; isLast: boolean }): HandoffState {
  const [head, ...rest] = state.toEndUser;
  if (head?.kind !== 'message' || head.message.id !== id) return state;
  if (isLast) return delivered({ ...state, toEndUser: rest }, 'outbound', [id]);
  const { triedSince: _, attemptsSince: _since, ...fresh } = head;
  return { ...state, toEndUser: [{ ...fresh, partsSent: head.partsSent + 1 }, ...rest] };
}

function settleSend(state: HandoffState, result: ResultOf<'send'>): HandoffState {
  const next = withSent(state, result);
  if (result.ok) return next;
  const sent = (result.progress as { isLast: boolean }[]).filter(({ isLast }) => isLast).length;
  return settleFailure(next, result, result.call.request.messages.length - sent);
}

function settleSay(state: HandoffState, result: ResultOf<'say'>): HandoffState {
  if (!result.ok && result.failure === 'interrupted') return settleFailure(state, result);
  const change = missingChange(state, state.toEndUser[0]!);
  const next = result.ok ? rememberSentIds(state, [result.answer.platformId]) : state;
  // A text that announces an agent: whether or not it could be said, the agent speaks now.
  if (change) return announced(next, change);
  return { ...next, toEndUser: next.toEndUser.slice(1) };
}

function settleAnnounce(state: HandoffState, result: ResultOf<'announce'>): HandoffState {
  const { change, agent } = result.call.request;
  if (result.ok || (change === 'left' && result.failure !== 'interrupted')) return announced(state, { change, agent });
  return settleFailure(state, result);
}

/** What could not be done for good is undeliverable; what may have got through is read back before it is tried again. */
function settleFailure(
  state: HandoffState,
  { failure, since }: Failed<'send' | 'say' | 'announce'>,
  count = 1,
): HandoffState {
  const [head] = state.toEndUser;
  if (!head) return state;
  const isUnsure = failure === 'interrupted' || failure === 'timed-out';
  const tried = missingChange(state, head)
    ? withHead(state, isUnsure ? { ...head, announcingSince: head.announcingSince ?? since } : head)
    : { ...state, toEndUser: markTried(state.toEndUser, isUnsure ? count : 1, since) };
  return failure === 'interrupted' ? tried : dropHead(tried, undeliverableReason(failure));
}

function dropHead(state: HandoffState, reason: ReturnType<typeof undeliverableReason>): HandoffState {
  const [head, ...rest] = state.toEndUser;
  if (!head) return state;
  const change = missingChange(state, head);
  const isUnsure = change?.change === 'joined' && head.announcingSince !== undefined;
  const without = { ...(isUnsure ? maybeJoined(state, change.agent) : state), toEndUser: rest };
  return head.kind === 'message' ? markUndeliverable(without, { direction: 'outbound', item: head }, reason) : without;
}

import type { HandoffInput } from '../../domain/contract';
import type { HandoffStatus, HandoffView, Verdict } from '../../domain/handoff';
import { handoffId } from '../../domain/ids';
import { readableTime } from '../../domain/transcript';
import type { HandoffState } from './state';

export function statusOf(state: HandoffState): HandoffStatus {
  if (state.ended) return 'closed';
  if (state.closing) return 'closing';
  if (!state.case) return 'opening';
  return state.answered ? 'connected' : 'waiting';
}

/** What the bot is told; undefined as long as nobody can know. */
export function verdictOf(state: HandoffState): Verdict | undefined {
  if (state.closing) return 'unavailable';
  if (!state.case) return undefined;
  return state.answered ? 'connected' : 'waiting';
}

export function viewOf(input: HandoffInput, state: HandoffState): HandoffView {
  const { representative, route, closing } = state;
  return {
    handoffId: handoffId(input),
    account: input.account,
    conversationId: input.conversationId,
    state: statusOf(state),
    outcome: closing?.outcome,
    detail: closing?.detail,
    contactCenter: route?.contactCenter,
    queue: route?.queue,
    language: route?.language,
    priority: route?.priority,
    case: state.case,
    representative: representative.type,
    agent: representative.type === 'HUMAN' ? representative.agent : undefined,
    startedAt: state.startedAt,
    pending: pendingMessages(state),
    undelivered: state.counts.undelivered,
    relayed: { inbound: state.counts.inbound, outbound: state.counts.outbound },
    replyTo: state.replyTo,
    messages: state.messages,
  };
}

function pendingMessages({ inbound, outbound }: HandoffState): number {
  return [...inbound, ...outbound].filter(({ kind }) => kind === 'message').length;
}

/** The page of a handoff in the Temporal UI, in Markdown. Ids, counts and times, no message's text. */
export function detailsOf(view: HandoffView): string {
  const rows = [
    ['State', view.outcome ? `${view.state} (${view.outcome})` : view.state],
    ['Why', view.detail],
    ['Contact center', view.contactCenter],
    ['Queue', view.queue],
    ['Priority', view.priority],
    ['Language', view.language],
    ['Case', view.case && (view.case.url ? `[${view.case.id}](${view.case.url})` : view.case.id)],
    ['Speaks to the end user', view.agent?.name ?? view.representative],
    ['Relayed', `${view.relayed.inbound} in, ${view.relayed.outbound} out`],
    ['Waiting to be delivered', String(view.pending)],
    ['Undelivered', String(view.undelivered)],
    ['Since', readableTime(view.startedAt)],
  ].filter((row): row is [string, string] => row[1] !== undefined);
  const facts = ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${cell(value)} |`)];
  return [...facts, '', ...latestMessages(view)].join('\n');
}

const SHOWN_MESSAGES = 12;

function latestMessages({ messages }: HandoffView): string[] {
  if (messages.length === 0) return [];
  const rows = messages.slice(-SHOWN_MESSAGES).map(({ at, direction, id, deliveryStatus, reason }) => {
    const arrow = direction === 'inbound' ? 'to the agent' : 'to the end user';
    return `| ${readableTime(at)} | ${arrow} | ${cell(id)} | ${deliveryStatus}${reason ? `: ${reason}` : ''} |`;
  });
  return ['| Latest messages | | id | deliveryStatus |', '| --- | --- | --- | --- |', ...rows];
}

function cell(value: string): string {
  return value.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

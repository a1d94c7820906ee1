import type { HandoffInput } from '../../domain/contract';
import type { CaseView, HandoffStatus, HandoffView, StartState } from '../../domain/handoff';
import { handoffId } from '../../domain/ids';
import { readableTime } from '../../domain/transcript';
import { currentCase, ending, type HandoffState } from './state';

export function statusOf({ phase, answered }: HandoffState): HandoffStatus {
  if (phase.name === 'active') return answered ? 'connected' : 'waiting';
  return phase.name;
}

/** The answer to a bot that waits; undefined as long as nobody can know. */
export function startStateOf(state: HandoffState): StartState | undefined {
  if (ending(state)) return 'unavailable';
  if (state.phase.name === 'opening') return undefined;
  return state.answered ? 'connected' : 'waiting';
}

export function viewOf(input: HandoffInput, state: HandoffState): HandoffView {
  const { representative, phase } = state;
  const current = currentCase(state);
  const end = ending(state);
  return {
    handoffId: handoffId(input),
    account: input.account,
    conversationId: input.conversationId,
    state: statusOf(state),
    outcome: end?.outcome,
    detail: end?.detail,
    contactCenter: current?.contactCenter,
    queue: current?.queue,
    language: current?.language,
    priority: current?.priority,
    case: current?.ref,
    cases: state.cases.map(caseView),
    representative: representative.type,
    agent: representative.type === 'HUMAN' ? representative.agent : undefined,
    startedAt: state.startedAt,
    closedAt: phase.name === 'closed' ? phase.at : undefined,
    pending: pendingMessages(state),
    undelivered: state.counts.undelivered,
    relayed: { inbound: state.counts.inbound, outbound: state.counts.outbound },
    conversationClosed: state.conversation !== 'open',
    replyTo: state.replyTo,
    messages: state.messages,
  };
}

function caseView({ contactCenter, queue, ref, status }: HandoffState['cases'][number]): CaseView {
  return { contactCenter, ...(queue !== undefined && { queue }), ...ref, status };
}

function pendingMessages({ toAgent, toEndUser }: HandoffState): number {
  return [...toAgent, ...toEndUser].filter(({ kind }) => kind === 'message').length;
}

/** The page of a handoff in the Temporal UI, in Markdown. Ids, counts and times, no message's text. */
export function detailsOf(view: HandoffView): string {
  const rows = [
    ['State', view.outcome ? `${view.state} (${view.outcome})` : view.state],
    ['Detail', view.detail],
    ['Contact center', view.contactCenter],
    ['Queue', view.queue],
    ['Priority', view.priority],
    ['Language', view.language],
    ['Case', view.case && (view.case.url ? `[${view.case.id}](${view.case.url})` : view.case.id)],
    ['Cases so far', view.cases.length > 1 ? String(view.cases.length) : undefined],
    ['Speaks to the end user', view.agent?.name ?? view.representative],
    ['Relayed', `${view.relayed.inbound} inbound, ${view.relayed.outbound} outbound`],
    ['Pending', String(view.pending)],
    ['Undeliverable', String(view.undelivered)],
    ['Started', readableTime(view.startedAt)],
    ['Closed', view.closedAt && readableTime(view.closedAt)],
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
  return ['| Latest messages | | Id | Delivery status |', '| --- | --- | --- | --- |', ...rows];
}

function cell(value: string): string {
  return value.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

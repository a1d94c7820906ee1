import { contentAsText, type MessageContent } from '../../domain/message';
import { transcriptLines, type TranscriptGap } from '../../domain/transcript';
import type { DeskCase } from '../desk';
import { isOvertaken, stillTypes } from './phone';
import type { CaseSummary, CaseView, Line, TypingView } from './view';

/** An end user whose name nobody knows. */
const UNNAMED = 'End user';

export function summaryOf({ id: caseId, status, openedAt, queue }: DeskCase): CaseSummary {
  return { caseId, open: status === 'open', openedAt, queue };
}

/** A case as its agents see it. */
export function viewOf(one: DeskCase): CaseView {
  return {
    ...summaryOf(one),
    endUser: contactOf(one),
    agents: one.agents.map(({ name }) => name),
    tags: tagsOf(one),
    typing: typingIn(one),
    lines: linesOf(one),
  };
}

const ADDRESSES = ['phone', 'email'] as const;

function contactOf({ customer }: DeskCase): CaseView['endUser'] {
  const addresses = ADDRESSES.map((kind) => customer[kind]).filter((address) => typeof address === 'string');
  return { name: customer.name ?? UNNAMED, addresses };
}

function typingIn({ status, endUser: { typingAt: since, wroteAt }, customer }: DeskCase): TypingView | undefined {
  if (status === 'closed' || !stillTypes(since) || isOvertaken(since, wroteAt)) return undefined;
  return { name: customer.name ?? UNNAMED, since };
}

function tagsOf({ queue, priority, language, tags }: DeskCase): string[] {
  const words = [queue, `${priority.toLowerCase()} priority`, language, ...tags.map((tag) => `#${tag}`)];
  return [...new Set(words.filter((word) => word !== undefined))];
}

/** The transcript, then everything since in the order of time, notes included. */
function linesOf(one: DeskCase): Line[] {
  const since = [...messagesOf(one), ...notesOf(one), ...closingOf(one)].sort((a, b) => a.at.localeCompare(b.at));
  const opened: Line = { id: 'opened', at: one.openedAt, author: 'moment', text: 'Handed over to the desk' };
  return [...transcriptOf(one), opened, ...since];
}

const CLOSED = {
  'conversation-ended': 'Case closed: the conversation has ended',
  transferred: 'Case closed: the conversation was transferred',
  unavailable: 'Case closed: no agent was available',
};

function closingOf({ closed }: DeskCase): Line[] {
  if (!closed) return [];
  const text = closed.reason ? CLOSED[closed.reason] : 'Case closed';
  return [{ id: 'closed', at: closed.at, author: 'moment', text }];
}

function transcriptOf({ transcript, openedAt, customer }: DeskCase): Line[] {
  const names = { 'end-user': customer.name ?? UNNAMED, bot: 'Bot', agent: 'Agent', system: 'System' };
  const lines = transcript.entries.map(({ author, at, name = names[author], content }, index): Line => {
    return { id: `transcript ${index}`, at, author, name, text: textOf(content), past: true };
  });
  return [...gapIn(transcript, openedAt), ...lines];
}

/** What the transcript lacks, in the words that Durable Handoff uses for agents. */
function gapIn({ gap }: DeskCase['transcript'], at: string): Line[] {
  const lines = transcriptLines({ entries: [], gap: gap as TranscriptGap | undefined });
  return lines.map((text) => ({ id: 'gap', at, author: 'system', name: 'Durable Handoff', text, past: true }));
}

/** The desk calls an end user as the case does, and otherwise as the message does. */
function messagesOf({ messages, customer }: DeskCase): Line[] {
  return messages.map((message) => {
    const { id, at, content } = message;
    const text = textOf(content);
    return message.from === 'agent'
      ? { id, at, text, author: 'agent', name: message.agent.name }
      : { id, at, text, author: 'end-user', name: customer.name ?? message.author ?? UNNAMED };
  });
}

function notesOf({ notes }: DeskCase): Line[] {
  return notes.map(({ id, at, agent, text }) => ({
    id,
    at,
    text,
    author: 'note',
    name: `${agent?.name ?? 'Durable Handoff'} · note`,
  }));
}

/** A file shows as a line of text, whether or not its bytes are still kept. */
function textOf(content: DeskCase['messages'][number]['content']): string {
  return contentAsText(content as MessageContent);
}

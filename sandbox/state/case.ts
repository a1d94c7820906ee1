import { contentAsText, type MessageContent } from '../../domain/message';
import { handoffIdOfCaseKey } from '../../domain/ids';
import { transcriptLines, type TranscriptGap } from '../../domain/transcript';
import type { DeskCase } from '../desk';
import { stillTypes } from './phone';
import type { CaseView, Line, TypingView } from './view';

/** The latest case of a handoff, as its agents see it. */
export function caseOf(cases: DeskCase[], handoffId: string): CaseView | undefined {
  const found = cases.findLast(({ key }) => handoffIdOfCaseKey(key) === handoffId);
  if (!found) return undefined;
  return {
    caseId: found.id,
    open: found.status === 'open',
    agents: found.agents.map(({ name }) => name),
    tags: tagsOf(found),
    typing: typingIn(found),
    lines: linesOf(found),
  };
}

/** Typing is over once the message has arrived. */
function typingIn({ status, endUser: { typingAt: since }, customer, messages }: DeskCase): TypingView | undefined {
  const last = messages.findLast(({ from }) => from === 'end-user');
  const over = status === 'closed' || !stillTypes(since) || (last && last.at >= since);
  return over ? undefined : { name: customer.name, since };
}

function tagsOf({ customer, queue, priority, language, tags }: DeskCase): string[] {
  const words = [customer.name, queue, `${priority.toLowerCase()} priority`, language, ...tags.map((tag) => `#${tag}`)];
  return [...new Set(words.filter((word) => word !== undefined))];
}

/** The transcript, then everything since in the order of time, notes included. */
function linesOf(one: DeskCase): Line[] {
  const endUser = one.customer.name ?? 'End user';
  const since = [...messagesOf(one, endUser), ...notesOf(one)].sort((a, b) => a.at.localeCompare(b.at));
  const opened: Line = { id: 'opened', at: one.openedAt, author: 'moment', text: 'Handed over to the desk' };
  return [...transcriptOf(one, endUser), opened, ...since];
}

function transcriptOf({ transcript, openedAt }: DeskCase, endUser: string): Line[] {
  const names = { 'end-user': endUser, bot: 'Bot', agent: 'Agent', system: 'System' };
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

function messagesOf({ messages }: DeskCase, endUser: string): Line[] {
  return messages.map((message) => {
    const { id, at, content } = message;
    const text = textOf(content);
    return message.from === 'agent'
      ? { id, at, text, author: 'agent', name: message.agent.name }
      : { id, at, text, author: 'end-user', name: message.author ?? endUser };
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

import { contentAsText, type MessageContent } from './message';

export type Author = 'end-user' | 'bot' | 'agent' | 'system';

export interface TranscriptEntry {
  /** The platform's message id, where it has one. */
  id?: string;
  at: string;
  author: Author;
  /** Shown instead of the author's kind, where known. */
  name?: string;
  content: MessageContent;
}

/** Why the transcript lacks something the agent would expect; told to the agent, never an error. */
export type TranscriptGap = 'not-readable' | 'truncated' | 'empty' | 'unavailable';

export interface Transcript {
  entries: TranscriptEntry[];
  gap?: TranscriptGap;
}

const AUTHOR_LABELS: Record<Author, string> = { 'end-user': 'Customer', bot: 'Bot', agent: 'Agent', system: 'System' };

const GAP_LINES: Record<TranscriptGap, string> = {
  'not-readable': "This platform does not let anyone read a conversation's past, and the bot passed none along.",
  truncated: 'Only the latest 1,000 messages are shown; the conversation is longer.',
  empty: 'The platform keeps no messages of this conversation.',
  unavailable: 'The conversation so far could not be read from the platform.',
};

/** The transcript as lines, oldest first: `2026-11-21 12:00:03 UTC  Customer: text`. */
export function transcriptLines({ entries, gap }: Transcript): string[] {
  const lines = entries.map((entry) => {
    const who = entry.name ?? AUTHOR_LABELS[entry.author];
    return `${readableTime(entry.at)}  ${who}: ${contentAsText(entry.content)}`;
  });
  return gap ? [`(${GAP_LINES[gap]})`, ...lines] : lines;
}

/** `2026-11-21 12:00:03 UTC`. */
export function readableTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

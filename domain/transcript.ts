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

/** Why the transcript lacks something the agent would expect; shown to the agent, never an error. */
export type TranscriptGap = 'not-readable' | 'truncated' | 'empty' | 'unavailable';

export interface Transcript {
  entries: TranscriptEntry[];
  gap?: TranscriptGap;
}

const AUTHOR_LABELS: Record<Author, string> = { 'end-user': 'End user', bot: 'Bot', agent: 'Agent', system: 'System' };

const GAP_LINES: Record<TranscriptGap, string> = {
  'not-readable': "This platform's conversations cannot be read, and the bot passed no history along.",
  truncated: 'Only the latest 1,000 messages are shown; the conversation is longer.',
  empty: 'The platform keeps no messages of this conversation.',
  unavailable: 'The conversation so far could not be read from the platform.',
};

/**
 * The transcript as lines, oldest first: `2026-11-21 12:00:03 UTC  End user: text`. Further lines of one entry are
 * marked, so that nobody can write a line that looks like another entry.
 */
export function transcriptLines({ entries, gap }: Transcript): string[] {
  const lines = entries.map((entry) => {
    const who = singleLine(entry.name ?? AUTHOR_LABELS[entry.author]);
    return `${readableTime(entry.at)}  ${who}: ${markedLines(contentAsText(entry.content))}`;
  });
  return gap ? [`(${GAP_LINES[gap]})`, ...lines] : lines;
}

/** Everything that any reader may show as a new line. */
const LINE_BREAKS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** A text whose second and further lines begin with a mark. */
export function markedLines(text: string): string {
  return text.split(LINE_BREAKS).join('\n    | ');
}

/** A name or a value that cannot make a line of its own. */
export function singleLine(text: string): string {
  return text.split(LINE_BREAKS).join(' ');
}

/** `2026-11-21 12:00:03 UTC`. */
export function readableTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

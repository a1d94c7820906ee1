import type { Direction } from '../../domain/message';

/** What the messages of a run say: each differs from all others in what it says, and so can each part of a long one. */

const TAG = /\b(c\d+)\/(in|out)\/(\d+)\b/;

export interface Tag {
  /** The name of a conversation in the plan, such as `c17`. */
  conversation: string;
  direction: Direction;
  /** Counts a conversation's messages in one direction, from 1. */
  n: number;
}

export function labelOf({ conversation, direction, n }: Tag): string {
  return `${conversation}/${direction === 'inbound' ? 'in' : 'out'}/${n}`;
}

/** Undefined for texts that nobody in a script has written. */
export function readTag(text: string): Tag | undefined {
  const found = TAG.exec(text);
  if (!found) return undefined;
  const [, conversation, direction, n] = found;
  return { conversation: conversation!, direction: direction === 'in' ? 'inbound' : 'outbound', n: Number(n) };
}

/** With characters of one, two, three and four bytes. */
const WORDS = ['order', 'račun', 'Straße', '电话', '👍🙂', 'invoice', 'naïve'];

/** A text of so many UTF-8 bytes, which begins with its label and repeats it, so that each part of it has one. */
export function textOfBytes(tag: Tag, bytes: number): string {
  const label = labelOf(tag);
  const pieces: string[] = [];
  for (let size = 0, i = 0; size < bytes; i++) {
    const piece = `${i % 4 === 0 ? label : WORDS[(tag.n + i) % WORDS.length]} `;
    size += Buffer.byteLength(piece);
    pieces.push(piece);
  }
  // `stream` leaves out a character that was cut in two; a blank at the end would be trimmed by vendors.
  const cut = Buffer.from(pieces.join('')).subarray(0, bytes);
  const text = new TextDecoder().decode(cut, { stream: true }).trimEnd();
  return text + '.'.repeat(bytes - Buffer.byteLength(text));
}

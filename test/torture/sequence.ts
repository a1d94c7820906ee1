import { isDeepStrictEqual } from 'node:util';
import type { Direction } from '../../domain/message';
import type { Violation } from './check';
import type { Received, SentMessage } from './record';
import { readTag } from './texts';

/** What one place holds of a conversation's messages in one direction, in order. */
export interface Sequence {
  /** The numbers of the messages, each as often as it is there. */
  numbers: number[];
  violations: Violation[];
}

/**
 * Finds the messages in what was received. Long ones come in parts, which together have to be the text again; `where`
 * is for people.
 */
export function readSequence(received: Received[], sent: SentMessage[], where: string): Sequence {
  const numbers: number[] = [];
  const violations: Violation[] = [];
  let parts = '';
  let current: SentMessage | undefined;
  for (const [i, { text, file, isQuoted }] of received.entries()) {
    // The last part of a long message may be too short for its label.
    const message = find(text, sent) ?? (current && isNextPart(current.text, parts, text) ? current : undefined);
    if (!message) {
      violations.push({ kind: 'foreign', detail: `${where} has '${text.slice(0, 80)}'` });
      continue;
    }
    parts += text;
    const following = received[i + 1];
    const goesOn = parts !== message.text && following && isNextPart(message.text, parts, following.text);
    current = goesOn ? message : undefined;
    if (goesOn) continue;
    numbers.push(message.n);
    const isWhole = isQuoted || (parts.trim() === message.text.trim() && (file ?? message.file) === message.file);
    const kind = message.text !== parts && message.text.startsWith(parts) ? 'incomplete' : 'corrupted';
    if (!isWhole) violations.push({ kind, detail: `${where} has ${sizes(parts, message)}` });
    parts = '';
  }
  const foundLater = new Set(sent.flatMap(({ n, isUnreported }) => (isUnreported ? [n] : [])));
  return { numbers, violations: [...violations, ...orderOf(numbers, foundLater, where)] };
}

function find(text: string, sent: SentMessage[]): SentMessage | undefined {
  const tag = readTag(text);
  return tag && sent.find((one) => isDeepStrictEqual(readTag(one.text), tag));
}

function isNextPart(whole: string, parts: string, next: string): boolean {
  return whole.startsWith(parts + next);
}

function sizes(parts: string, { n, text, file }: SentMessage): string {
  return `message ${n} with ${parts.length} instead of ${text.length} characters${file ? ', or another file' : ''}`;
}

function orderOf(numbers: number[], foundLater: Set<number>, where: string): Violation[] {
  const found: Violation[] = [];
  const seen = new Set<number>();
  let highest = 0;
  for (const n of numbers) {
    if (seen.has(n)) found.push({ kind: 'doubled', detail: `${where} has message ${n} twice` });
    else if (n < highest && !foundLater.has(n))
      found.push({ kind: 'out-of-order', detail: `${where} has message ${n} after ${highest}` });
    seen.add(n);
    highest = Math.max(highest, n);
  }
  return found;
}

export function ofDirection(sent: SentMessage[], direction: Direction): SentMessage[] {
  return sent.filter((one) => one.direction === direction);
}

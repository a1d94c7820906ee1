import { transcriptLines } from '../../domain/transcript';
import type { CaseOpening } from '../contact-center';
import { singleLine } from './text';

/** What the agent reads first: summary, facts, transcript. A fact is one line, whatever its words hold. */
export function openingText({ summary, customer, language, tags, attributes, transcript }: CaseOpening): string {
  const facts = [
    ['End user', [customer.name, customer.email, customer.phone].filter(Boolean).join(', ')],
    ['Language', customer.language ?? language],
    ['Tags', tags.join(', ')],
    ...Object.entries(attributes),
  ].flatMap(([name, value]) => (value ? [singleLine(`${name}: ${value}`)] : []));
  // A platform's attributes may repeat what is a fact of its own already.
  const once = facts.filter((fact, i) => facts.findIndex((other) => sameLetters(other, fact)) === i);
  return [summary && singleLine(summary), once.join('\n'), transcriptLines(transcript).join('\n')]
    .filter(Boolean)
    .join('\n\n');
}

function sameLetters(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

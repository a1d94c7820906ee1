import { make, time } from './dom.js';

const FATES = { accepted: 'On its way', delivered: 'Delivered', undeliverable: 'Not delivered' };
const REASONS = {
  'too-large': 'too large',
  unsupported: 'not supported there',
  rejected: 'refused',
  'conversation-closed': 'the conversation was closed',
  'case-closed': 'the case was closed',
  'timed-out': 'out of time',
};

/** A message's fate in words, as an element. */
export function fateOf({ fate, reason }) {
  const words = reason ? `${FATES[fate]}: ${REASONS[reason] ?? reason}` : FATES[fate];
  return make('span', { className: 'fate', textContent: words, data: { fate } });
}

/** One line of a conversation: a message as a bubble, or a moment (an agent joined, the case closed) as a rule. */
export function toLine({ author, name, at, text, mine, follows, past, ...rest }) {
  if (author === 'moment') return make('li', { className: 'moment', textContent: text });
  const by = make('span', { className: 'by' }, make('b', { textContent: name }), ` ${time(at)}`);
  const data = { author, mine: mine ? '' : undefined, follows: follows ? '' : undefined, past: past ? '' : undefined };
  const bubble = make('span', { className: 'bubble', textContent: text });
  return make('li', { className: 'message', data }, by, bubble, rest.fate ? fateOf(rest) : undefined);
}

/** Marks whose lines are one's own, and which go on from the line before, so that the name stands there once. */
export function asSeenBy(authors, lines) {
  return lines.map((line, index) => {
    const before = lines[index - 1];
    const close = before && Date.parse(line.at) - Date.parse(before.at) < 120_000;
    const same = before?.author === line.author && before.name === line.name && before.past === line.past;
    return { ...line, mine: authors.includes(line.author), follows: Boolean(close && same) };
  });
}

import { make, time } from './dom.js';

const DELIVERY_STATUSES = { accepted: 'On its way', delivered: 'Delivered', undeliverable: 'Not delivered' };
const REASONS = {
  'too-large': 'too large',
  unsupported: 'not supported by the receiver',
  rejected: 'rejected by the receiver',
  'conversation-closed': 'the conversation was closed',
  'case-closed': 'the case was closed',
  'timed-out': 'timed out',
};

/** A message's delivery status in words, as an element. */
export function deliveryStatusOf({ deliveryStatus, reason }) {
  const words = reason
    ? `${DELIVERY_STATUSES[deliveryStatus]}: ${REASONS[reason] ?? reason}`
    : DELIVERY_STATUSES[deliveryStatus];
  return make('span', { className: 'delivery-status', textContent: words, data: { status: deliveryStatus } });
}

/** One line of a conversation: a message as a bubble, or a moment (an agent joined, the case closed) as a rule. */
export function toLine({ author, name, avatarUrl, at, text, typing, mine, follows, past, ...rest }) {
  const avatar = avatarUrl && make('img', { className: 'avatar', src: avatarUrl, alt: '' });
  if (author === 'moment') return make('li', { className: 'moment' }, avatar, text);
  const by = make('span', { className: 'by' }, make('b', { textContent: name }), ` ${time(at)}`);
  const marks = { mine, follows, past, face: avatarUrl };
  const data = Object.fromEntries(Object.entries(marks).map(([mark, set]) => [mark, set ? '' : undefined]));
  const bubble = typing ? dots() : make('span', { className: 'bubble', textContent: text });
  const deliveryStatus = rest.deliveryStatus ? deliveryStatusOf(rest) : undefined;
  return make('li', { className: 'message', data: { ...data, author } }, avatar, by, bubble, deliveryStatus);
}

function dots() {
  const words = make('span', { className: 'unseen', textContent: 'types' });
  return make('span', { className: 'bubble dots' }, words, make('i'), make('i'), make('i'));
}

/** The last line of a conversation while someone types. */
export function typingLine(author, { name, avatarUrl, since }) {
  return { id: 'typing', author, name, avatarUrl, at: since, typing: true };
}

/**
 * Marks the reader's own lines, and those that continue the line before and need no name. A line with a picture shows
 * the picture and the name each time.
 */
export function asSeenBy(authors, lines) {
  return lines.map((line, index) => {
    const before = lines[index - 1];
    const close = before && Date.parse(line.at) - Date.parse(before.at) < 120_000;
    const same = before?.author === line.author && before.name === line.name && before.past === line.past;
    return { ...line, mine: authors.includes(line.author), follows: Boolean(close && same && !line.avatarUrl) };
  });
}

import { asSeenBy, toLine } from './conversation.js';
import { byId, make, onSend, showLog, showOptions } from './dom.js';

const NAMES = [
  'Ivana Horvat',
  'Jonas Weber',
  'Lucía Pérez',
  'Kim Min-jun',
  'Amélie Laurent',
  'Tom Baker',
  'Nadia Osei',
];

/** A customer nobody has seen yet. */
export function newCustomer() {
  const digits = String(Math.floor(Math.random() * 1e7)).padStart(7, '0');
  return { id: `38591${digits}`, name: NAMES[Math.floor(Math.random() * NAMES.length)] };
}

/** What the phone can do: `say(text)`, `choose(customer)`, `begin()` a new customer, `switchTo(platform)`. */
export function connectPhone({ say, choose, begin, switchTo }) {
  onSend(byId('phone-composer'), say);
  byId('new-customer').addEventListener('click', () => {
    begin();
    byId('phone-text').focus();
  });
  byId('customer').addEventListener('change', ({ target }) => choose(target.value));
  byId('platform').addEventListener('change', ({ target }) => switchTo(target.value));
  for (const button of document.querySelectorAll('[data-say]')) {
    button.addEventListener('click', () => void say(button.dataset.say));
  }
}

export function showPhone({ phone, platforms, customers, handoff }, platform, customer) {
  const speaker = speakerOf(phone, handoff);
  byId('speaker').textContent = speaker.words;
  showFace(byId('speaker-face'), speaker);
  const lines = asSeenBy(['end-user'], phone?.lines ?? []);
  showLog(byId('phone-log'), lines.map(withoutOwnName), toLine);

  const known = customers.some(({ id }) => id === customer.id) ? customers : [customer, ...customers];
  const options = known.map(({ id, name }) => [id, name]);
  showOptions(byId('customer'), options, customer.id);
  showOptions(
    byId('platform'),
    platforms.map(({ id, label }) => [id, label]),
    platform,
  );
  document.querySelector('.platform').hidden = platforms.length < 2;
}

const withoutOwnName = (line) => (line.mine ? { ...line, name: '' } : line);

function speakerOf(phone, handoff) {
  if (handoff?.representative === 'HUMAN') {
    const { name, avatarUrl } = handoff.agent ?? { name: 'an agent' };
    return { who: 'human', words: `${name} is speaking with you`, avatarUrl: avatarUrl ?? 'agent.svg' };
  }
  const waits = phone?.bot === 'deaf' && phone.open;
  return { who: 'bot', words: waits ? 'Waiting for an agent' : 'The bot answers you', avatarUrl: 'bot.svg' };
}

function showFace(face, { who, avatarUrl }) {
  face.dataset.who = who;
  if (face.dataset.url === avatarUrl) return;
  face.dataset.url = avatarUrl;
  face.replaceChildren(make('img', { src: avatarUrl, alt: '' }));
}

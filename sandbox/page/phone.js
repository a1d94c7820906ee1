import { asSeenBy, toLine, typingLine } from './conversation.js';
import { byId, make, onSend, onType, show, showLog, showOptions } from './dom.js';
import { PLATFORMS } from './platforms.js';

const NAMES = [
  'Ivana Horvat',
  'Jonas Weber',
  'Lucía Pérez',
  'Kim Min-jun',
  'Amélie Laurent',
  'Tom Baker',
  'Nadia Osei',
];

/** An end user who has not written yet. */
export function newEndUser(id) {
  return { id, name: NAMES[Math.floor(Math.random() * NAMES.length)] };
}

/**
 * What the phone can do: `say(text)`, `type()`, `tap(offer)`, `choose(endUser)`, `begin()` a new end user,
 * `switchTo(platform)`.
 */
export function connectPhone({ say, type, tap, choose, begin, switchTo }) {
  onSend(byId('phone-composer'), say);
  onType(byId('phone-text'), type);
  byId('new-end-user').addEventListener('click', () => {
    begin();
    byId('phone-text').focus();
  });
  byId('end-user').addEventListener('change', ({ target }) => choose(target.value));
  byId('platforms').addEventListener('change', ({ target }) => switchTo(target.value));
  byId('offers').addEventListener('click', ({ target: { dataset } }) => {
    if (dataset.action) void tap({ action: dataset.action, text: dataset.id });
  });
}

export function showPhone({ phone, platforms, endUsers }, platform, endUser) {
  const speaker = speakerOf(phone);
  byId('speaker').textContent = speaker.words;
  showFace(byId('speaker-face'), speaker);
  const typing = phone?.typing ? [typingLine('agent', phone.typing)] : [];
  const lines = asSeenBy(['end-user'], [...(phone?.lines ?? []), ...typing]);
  showLog(byId('phone-log'), lines.map(withoutOwnName), toLine);
  byId('phone-hint').textContent = PLATFORMS[platform].hint;
  showOffers(PLATFORMS[platform].offers(phone));
  showPlatforms(platforms, platform);

  const known = endUsers.some(({ id }) => id === endUser.id) ? endUsers : [endUser, ...endUsers];
  const options = known.map(({ id, name }) => [id, name]);
  showOptions(byId('end-user'), options, endUser.id);
}

const withoutOwnName = (line) => (line.mine ? { ...line, name: '' } : line);

/** When the offer that was just tapped goes away, the focus moves to the text field. */
function showOffers(offers) {
  const list = byId('offers');
  const tapped = list.contains(document.activeElement);
  const items = offers.map(({ text, action }) => ({ id: text, action }));
  show(list, items, ({ id, action }) => make('button', { type: 'button', textContent: id, data: { action } }));
  if (tapped && !list.contains(document.activeElement)) byId('phone-text').focus();
}

function showPlatforms(platforms, chosen) {
  show(byId('platforms'), platforms, ({ id, label }) =>
    make(
      'label',
      {},
      make('input', { type: 'radio', name: 'platform', value: id }),
      make('span', { textContent: label }),
    ),
  );
  for (const input of byId('platforms').querySelectorAll('input')) input.checked = input.value === chosen;
}

function speakerOf(phone) {
  const { type, name, avatarUrl } = phone?.representative ?? { type: 'BOT' };
  if (type === 'HUMAN') {
    return { who: 'human', words: `${name ?? 'An agent'} is speaking with you`, avatarUrl: avatarUrl ?? 'agent.svg' };
  }
  const waits = phone?.bot === 'paused' && phone.open;
  const words = waits ? 'Waiting for an agent' : `${name ?? 'The bot'} answers you`;
  return { who: 'bot', words, avatarUrl: avatarUrl ?? 'bot.svg' };
}

function showFace(face, { who, avatarUrl }) {
  face.dataset.who = who;
  if (face.dataset.url === avatarUrl) return;
  face.dataset.url = avatarUrl;
  face.replaceChildren(make('img', { src: avatarUrl, alt: '' }));
}

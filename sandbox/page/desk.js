import { asSeenBy, toLine } from './conversation.js';
import { byId, make, onSend, show, showLog } from './dom.js';

let present = [];

const agentName = () => byId('agent').value;
const noting = () => document.querySelector('[name=kind]:checked').value === 'note';

/** The agent who sits at the desk. */
export function agent() {
  return { name: agentName(), avatarUrl: new URL(`${agentName().toLowerCase()}.svg`, location.href).href };
}

/** What an agent can do with the case: `reply(text)`, `note(text)`, `join()`, `leave()`, `close()`. */
export function connectDesk({ reply, note, join, leave, close }) {
  onSend(byId('desk-composer'), (text) => (noting() ? note(text) : reply(text)));
  byId('presence').addEventListener('click', () => (present.includes(agentName()) ? leave() : join()));
  byId('close-case').addEventListener('click', () => close());
  byId('agent').addEventListener('change', showPresence);
  for (const kind of document.querySelectorAll('[name=kind]')) {
    kind.addEventListener('change', () => {
      byId('desk-text').placeholder = noting() ? 'Internal note, for colleagues only' : 'Reply to the customer';
    });
  }
}

export function showDesk({ desk }) {
  const open = Boolean(desk?.open);
  byId('case-line').textContent = desk ? `Case ${desk.caseId} · ${open ? 'open' : 'closed'}` : 'No case';
  byId('close-case').disabled = !open;
  byId('presence').disabled = !open;
  present = desk?.agents ?? [];
  showPresence();
  showComposer(desk);
  showTags(desk?.tags ?? []);
  showLog(byId('desk-log'), asSeenBy(['agent', 'note'], desk?.lines ?? []), toLine);
}

function showPresence() {
  const joined = present.includes(agentName());
  byId('presence').textContent = joined ? 'Leave' : 'Join';
  byId('presence').setAttribute('aria-pressed', String(joined));
}

function showComposer(desk) {
  const off = !desk?.open;
  for (const field of byId('desk-composer').querySelectorAll('textarea, .send')) field.disabled = off;
}

function showTags(tags) {
  byId('case-tags').hidden = tags.length === 0;
  show(
    byId('case-tags'),
    tags.map((tag) => ({ id: tag })),
    ({ id }) => make('li', { textContent: id }),
  );
}

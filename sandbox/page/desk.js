import { asSeenBy, toLine, typingLine } from './conversation.js';
import { byId, make, onSend, onType, show, showLog, showOptions, time } from './dom.js';

/** The agents who have joined the case, and how it stands: `open`, `closed` or `none`. */
let present = [];
let status = 'none';

const agentName = () => byId('agent').value;
const noting = () => document.querySelector('[name=kind]:checked').value === 'note';

/** The agent who sits at the desk. */
export function agent() {
  return { name: agentName(), avatarUrl: new URL(`${agentName().toLowerCase()}.svg`, location.href).href };
}

/**
 * What an agent can do: `choose(caseId)`, and with the case `reply(text)`, `note(text)`, `type()`, `join()`, `leave()`,
 * `close()`.
 */
export function connectDesk({ choose, reply, note, type, join, leave, close }) {
  byId('case').addEventListener('change', ({ target }) => choose(target.value));
  onSend(byId('desk-composer'), (text) => (noting() ? note(text) : reply(text)));
  onType(byId('desk-text'), type, () => !noting());
  byId('presence').addEventListener('click', () => (present.includes(agentName()) ? leave() : join()));
  byId('close-case').addEventListener('click', () => close());
  byId('agent').addEventListener('change', showPresence);
  for (const kind of document.querySelectorAll('[name=kind]')) kind.addEventListener('change', showPrompt);
}

export function showDesk({ desk, cases }) {
  const open = Boolean(desk?.open);
  byId('case-line').textContent = desk ? `Case ${desk.caseId} · ${open ? 'open' : 'closed'}` : 'No case';
  byId('desk').toggleAttribute('data-closed', Boolean(desk) && !open);
  showCases(cases, desk);
  showContact(desk?.endUser);
  byId('close-case').disabled = !open;
  byId('presence').disabled = !open;
  present = open ? desk.agents : [];
  showPresence();
  showComposer(desk);
  showTags(desk?.tags ?? []);
  const typing = desk?.typing ? [typingLine('end-user', desk.typing)] : [];
  showLog(byId('desk-log'), asSeenBy(['agent', 'note'], [...(desk?.lines ?? []), ...typing]), toLine);
}

/** The way back to earlier cases, once there are any. */
function showCases(cases, desk) {
  byId('case-chooser').hidden = cases.length < 2;
  const options = cases.map(({ caseId, open, openedAt, queue }) => {
    return [caseId, [open ? 'Open' : 'Closed', time(openedAt), queue, caseId].filter(Boolean).join(' · ')];
  });
  if (desk) showOptions(byId('case'), options, desk.caseId);
}

/** Who writes. */
function showContact(endUser) {
  byId('contact').hidden = !endUser;
  if (!endUser) return;
  const json = JSON.stringify(endUser);
  if (byId('contact').dataset.json === json) return;
  byId('contact').dataset.json = json;
  const addresses = make('span', { textContent: endUser.addresses.join(' · ') });
  byId('contact').replaceChildren(make('b', { textContent: endUser.name }), ' ', addresses);
}

function showPresence() {
  const joined = present.includes(agentName());
  byId('presence').textContent = joined ? 'Leave' : 'Join';
  byId('presence').setAttribute('aria-pressed', String(joined));
}

function showComposer(desk) {
  status = desk ? (desk.open ? 'open' : 'closed') : 'none';
  for (const field of byId('desk-composer').querySelectorAll('textarea, .send')) field.disabled = status !== 'open';
  showPrompt();
}

function showPrompt() {
  const writing = noting() ? 'Internal note, for colleagues only' : 'Reply to the end user';
  byId('desk-text').placeholder = { open: writing, closed: 'This case is closed', none: 'No case to answer yet' }[
    status
  ];
}

function showTags(tags) {
  byId('case-tags').hidden = tags.length === 0;
  show(
    byId('case-tags'),
    tags.map((tag) => ({ id: tag })),
    ({ id }) => make('li', { textContent: id }),
  );
}

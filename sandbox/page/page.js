import { agent, connectDesk, showDesk } from './desk.js';
import { byId, scrollToLatest } from './dom.js';
import { connectHandoff, showHandoff } from './handoff.js';
import { connectPhone, newCustomer, showPhone } from './phone.js';

/** How often the page asks what is new, in milliseconds. */
const EVERY = 700;
const SOON = 60;
const LONG_ENOUGH_TO_READ = 5_000;

/** Where each platform's stand-in takes what a customer writes, and how it names its sender. */
const PLATFORMS = {
  infobip: { mount: 'infobip', sender: ({ id, name }) => ({ from: id, name }) },
};

const address = new URLSearchParams(location.search);
let platform = address.get('platform') ?? 'infobip';
let customer = address.has('customer') ? { id: address.get('customer'), name: address.get('customer') } : undefined;
let caseId;
let timer;
let turns = 0;

async function call(path, body) {
  const answer = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail ?? said.title ?? `The sandbox answered ${answer.status}.`);
  return said;
}

/** Does something in the sandbox, shows what became of it, and answers whether it was done. */
async function act(path, body = {}) {
  clearTimeout(timer);
  turns++;
  try {
    await call(path, body);
    timer = setTimeout(refresh, SOON);
    return true;
  } catch (error) {
    showProblem(error instanceof TypeError ? UNREACHABLE : error.message);
    timer = setTimeout(refresh, LONG_ENOUGH_TO_READ);
    return false;
  }
}

const UNREACHABLE = 'The sandbox does not answer. Start it again with “npm start”; this page goes on by itself.';

function showProblem(words) {
  const problem = byId('problem');
  if (problem.textContent !== (words ?? '')) problem.textContent = words ?? '';
  problem.hidden = !words;
}

function settle(chosen) {
  customer = chosen;
  const query = new URLSearchParams({ platform, customer: customer.id });
  history.replaceState(null, '', `?${query}`);
}

/** Asks what is new, and again after a while. An answer that a later question has overtaken is not shown. */
async function refresh() {
  clearTimeout(timer);
  if (document.hidden) return;
  const turn = ++turns;
  const query = new URLSearchParams({ platform, ...(customer && { customer: customer.id }) });
  try {
    const state = await call(`state?${query}`);
    if (turn === turns) render(state);
  } catch (error) {
    showProblem(error instanceof TypeError ? UNREACHABLE : error.message);
  }
  if (turn === turns) timer = setTimeout(refresh, EVERY);
}

function render(state) {
  const wanted = customer?.id ?? state.phone?.customer.id;
  settle(state.customers.find(({ id }) => id === wanted) ?? customer ?? newCustomer());
  caseId = state.desk?.caseId;
  showProblem(state.problem);
  showPhone(state, platform, customer);
  showHandoff(state);
  showDesk(state);
  byId('temporal-ui').href = state.links.temporalUi;
  byId('api-docs').href = state.links.apiDocs;
}

const onCase = (action, body) => act(`desk/sandbox/cases/${encodeURIComponent(caseId)}/${action}`, body);

connectPhone({
  say: (text) => {
    const { mount, sender } = PLATFORMS[platform];
    return act(`${mount}/sandbox/messages`, { ...sender(customer), text });
  },
  begin: () => {
    settle(newCustomer());
    void refresh();
  },
  choose: (id) => {
    settle({ id, name: id });
    void refresh();
  },
  switchTo: (chosen) => {
    platform = chosen;
    settle(newCustomer());
    void refresh();
  },
});
connectHandoff({
  breakWebhooks: (side, delivery) =>
    act(`${side === 'desk' ? 'desk' : PLATFORMS[platform].mount}/sandbox/faults`, { webhooks: { delivery } }),
});
connectDesk({
  reply: (text) => onCase('messages', { agent: agent(), text }),
  note: (text) => onCase('notes', { agent: agent(), text }),
  join: () => onCase('join', { agent: agent() }),
  leave: () => onCase('leave', { agent: agent() }),
  close: () => onCase('close', { agent: agent() }),
});
document.addEventListener('visibilitychange', () => void refresh());
for (const view of document.querySelectorAll('[name=view]')) view.addEventListener('change', scrollToLatest);
void refresh();

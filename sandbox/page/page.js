import { agent, connectDesk, showDesk } from './desk.js';
import { byId, keepAtEnd } from './dom.js';
import { connectHandoff, showHandoff } from './handoff.js';
import { connectPhone, newCustomer, showPhone } from './phone.js';
import { PLATFORMS } from './platforms.js';

/** How often the page asks what is new, in milliseconds. */
const EVERY = 700;
const SOON = 60;
const LONG_ENOUGH_TO_READ = 5_000;

const address = new URLSearchParams(location.search);
let platform = Object.hasOwn(PLATFORMS, address.get('platform')) ? address.get('platform') : 'infobip';
/** Who holds each platform's phone. */
const customers = {};
if (address.has('customer')) customers[platform] = newCustomer(address.get('customer'));
/** What can be acted on: the conversation on the phone and the case on the desk, once there are any. */
let conversationId;
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

/** For what is nobody's loss when it fails. */
const whisper = (path, body) => void call(path, body).catch(() => undefined);

const UNREACHABLE = 'The sandbox does not answer. Start it again with “npm start”; this page goes on by itself.';

function showProblem(words) {
  const problem = byId('problem');
  if (problem.textContent !== (words ?? '')) problem.textContent = words ?? '';
  problem.hidden = !words;
}

function settle(chosen) {
  customers[platform] = chosen;
  const query = new URLSearchParams({ platform, customer: chosen.id });
  history.replaceState(null, '', `?${query}`);
}

/** Turns to another phone, of which nothing is known yet. */
function turnTo(chosenPlatform, customer) {
  platform = chosenPlatform;
  conversationId = caseId = undefined;
  if (customer) settle(customer);
  void refresh();
}

/** Asks what is new, and again after a while. An answer that a later question has overtaken is not shown. */
async function refresh() {
  clearTimeout(timer);
  if (document.hidden) return;
  const turn = ++turns;
  const customer = customers[platform];
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
  const wanted = customers[platform]?.id ?? state.phone?.customer.id;
  settle(state.customers.find(({ id }) => id === wanted) ?? customers[platform] ?? nextCustomer());
  conversationId = state.phone?.conversationId;
  caseId = state.desk?.caseId;
  showProblem(state.problem);
  showPhone(state, platform, customers[platform]);
  showHandoff(state, platform);
  showDesk(state);
  byId('temporal-ui').href = state.links.temporalUi;
  byId('api-docs').href = state.links.apiDocs;
}

const nextCustomer = () => newCustomer(PLATFORMS[platform].newId());

const onPlatform = (control) => `${PLATFORMS[platform].mount}/sandbox/${control}`;
const onDesk = (control) => `${PLATFORMS[platform].desk}/sandbox/${control}`;
const onCase = (control) => onDesk(`cases/${encodeURIComponent(caseId)}/${control}`);

const say = (text) => act(onPlatform('messages'), { ...PLATFORMS[platform].sender(customers[platform]), text });

/** By what takes each offer. */
const TAPS = {
  messages: ({ text }) => say(text),
  suggestion: ({ text }) => act(onPlatform('suggestion'), { conversationId, text }),
  'request-live-agent': () => act(onPlatform('request-live-agent'), { conversationId }),
};

connectPhone({
  say,
  tap: (offer) => TAPS[offer.action](offer),
  type: () => {
    if (PLATFORMS[platform].typing && conversationId) whisper(onPlatform('typing'), { conversationId });
  },
  begin: () => turnTo(platform, nextCustomer()),
  choose: (id) => turnTo(platform, newCustomer(id)),
  switchTo: (chosen) => turnTo(chosen),
});
connectHandoff({
  breakWebhooks: (side, delivery) => act((side === 'desk' ? onDesk : onPlatform)('faults'), { webhooks: { delivery } }),
});
connectDesk({
  reply: (text) => act(onCase('messages'), { agent: agent(), text }),
  note: (text) => act(onCase('notes'), { agent: agent(), text }),
  type: () => whisper(onCase('typing'), { agent: agent() }),
  join: () => act(onCase('join'), { agent: agent() }),
  leave: () => act(onCase('leave'), { agent: agent() }),
  close: () => act(onCase('close'), { agent: agent() }),
});
for (const log of document.querySelectorAll('.log')) keepAtEnd(log);
document.addEventListener('visibilitychange', () => void refresh());
void refresh();

import { agent, connectDesk, showDesk } from './desk.js';
import { connectCrash, showCrash } from './crash.js';
import { byId, clock, keepAtEnd, say as announce } from './dom.js';
import { connectHandoff, showHandoff } from './handoff.js';
import { connectPhone, newEndUser, showPhone } from './phone.js';
import { PLATFORMS } from './platforms.js';

/** How often the page asks for news, in milliseconds. */
const EVERY = 700;
const SOON = 60;
const LONG_ENOUGH_TO_READ = 5_000;

const main = document.querySelector('main');
const address = new URLSearchParams(location.search);
let platform = Object.hasOwn(PLATFORMS, address.get('platform')) ? address.get('platform') : 'infobip';
/** The end user on each platform's phone. */
const endUsers = {};
if (address.has('endUser')) endUsers[platform] = newEndUser(address.get('endUser'));
/** The conversation on the phone and the case on the desk, once there are any. */
let conversationId;
let caseId;
/** The case that was chosen on the desk, and which one was the end user's latest then. */
let chosenCase;
let latestCase;
/** When the sandbox was read last. */
let readAt;
let timer;
let turns = 0;

async function call(path, body) {
  const answer = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-type': 'application/json', 'x-sandbox-page': '1' } : {},
    body: body && JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail ?? said.title ?? `The sandbox answered ${answer.status}.`);
  return said;
}

/** Does something in the sandbox, shows the result, and resolves with the answer: undefined if it was not done. */
async function act(path, body = {}) {
  clearTimeout(timer);
  turns++;
  try {
    const answer = await call(path, body);
    timer = setTimeout(refresh, SOON);
    return answer;
  } catch (error) {
    showFailure(error);
    timer = setTimeout(refresh, LONG_ENOUGH_TO_READ);
    return undefined;
  }
}

/** For calls whose failure does not matter. */
const callQuietly = (path, body) => void call(path, body).catch(() => undefined);

const UNREACHABLE = 'The sandbox does not answer. If it has ended, start it again with “npm start”.';

/** @param since when the page was last up to date, if it is not. */
function showProblem(words = '', since = undefined) {
  const all = since ? `Not up to date since ${clock(since)}. ${words}` : words;
  byId('problem').hidden = !all;
  byId('problem').toggleAttribute('data-stale', Boolean(since));
  announce(byId('problem'), all);
}

/** Dims what was known last: `handoff`, or `all` of the page, until it can be read again. */
function showStale(what) {
  if (what) main.dataset.stale = what;
  else delete main.dataset.stale;
}

function showFailure({ name, message }) {
  if (name !== 'TypeError') return showProblem(message);
  if (readAt) showStale('all');
  showProblem(UNREACHABLE, readAt);
}

function settle(chosen) {
  endUsers[platform] = chosen;
  const query = new URLSearchParams({ platform, endUser: chosen.id });
  history.replaceState(null, '', `?${query}`);
}

/** Shows another phone. */
function switchTo(chosenPlatform, endUser) {
  platform = chosenPlatform;
  conversationId = caseId = chosenCase = undefined;
  if (endUser) settle(endUser);
  void refresh();
}

/** Asks for news, and again after a while. An answer that comes after that of a later question is not shown. */
async function refresh() {
  clearTimeout(timer);
  if (document.hidden) return;
  const turn = ++turns;
  const endUser = endUsers[platform];
  const query = new URLSearchParams({
    platform,
    ...(endUser && { endUser: endUser.id }),
    ...(chosenCase && { case: chosenCase }),
  });
  try {
    const state = await call(`state?${query}`);
    if (turn === turns) render(state);
  } catch (error) {
    showFailure(error);
  }
  if (turn === turns) timer = setTimeout(refresh, EVERY);
}

function render(state) {
  readAt = new Date();
  showStale(state.staleSince && 'handoff');
  const wanted = endUsers[platform]?.id ?? state.phone?.endUser.id;
  settle(state.endUsers.find(({ id }) => id === wanted) ?? endUsers[platform] ?? nextEndUser());
  conversationId = state.phone?.conversationId;
  caseId = state.desk?.caseId;
  // A new case is shown, whatever was chosen before.
  if (state.cases[0]?.caseId !== latestCase) chosenCase = undefined;
  latestCase = state.cases[0]?.caseId;
  showProblem(state.problem, state.staleSince);
  showPhone(state, platform, endUsers[platform]);
  showHandoff(state, platform);
  showDesk(state);
  showCrash(state);
  byId('temporal-ui').href = state.links.temporalUi;
  byId('api-docs').href = state.links.apiDocs;
}

const nextEndUser = () => newEndUser(PLATFORMS[platform].newId());

const onPlatform = (control) => `${PLATFORMS[platform].mount}/sandbox/${control}`;
const onDesk = (control) => `${PLATFORMS[platform].desk}/sandbox/${control}`;
const onCase = (control) => onDesk(`cases/${encodeURIComponent(caseId)}/${control}`);

const say = (text) => act(onPlatform('messages'), { ...PLATFORMS[platform].sender(endUsers[platform]), text });

/** What each kind of offer does. */
const TAPS = {
  messages: ({ text }) => say(text),
  suggestion: ({ text }) => act(onPlatform('suggestion'), { conversationId, text }),
  'request-live-agent': () => act(onPlatform('request-live-agent'), { conversationId }),
};

connectPhone({
  say,
  tap: (offer) => TAPS[offer.action](offer),
  type: () => {
    if (PLATFORMS[platform].typing && conversationId) callQuietly(onPlatform('typing'), { conversationId });
  },
  begin: () => switchTo(platform, nextEndUser()),
  choose: (id) => switchTo(platform, newEndUser(id)),
  switchTo: (chosen) => switchTo(chosen),
});
connectHandoff({
  breakWebhooks: (side, delivery) => act((side === 'desk' ? onDesk : onPlatform)('faults'), { webhooks: { delivery } }),
});
connectCrash({ kill: (process) => act(`processes/${process}/kill`) });
connectDesk({
  choose(id) {
    chosenCase = id;
    void refresh();
  },
  reply: (text) => act(onCase('messages'), { agent: agent(), text }),
  note: (text) => act(onCase('notes'), { agent: agent(), text }),
  type: () => callQuietly(onCase('typing'), { agent: agent() }),
  join: () => act(onCase('join'), { agent: agent() }),
  leave: () => act(onCase('leave'), { agent: agent() }),
  close: () => act(onCase('close'), { agent: agent() }),
});
for (const log of document.querySelectorAll('.log')) keepAtEnd(log);
document.addEventListener('visibilitychange', () => void refresh());
void refresh();

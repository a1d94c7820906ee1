import { deliveryStatusOf } from './conversation.js';
import { byId, make, say, show, showOptions } from './dom.js';
import { PLATFORMS } from './platforms.js';

const STEPS = ['opening', 'waiting', 'connected', 'closing', 'closed'];
const DESCRIPTIONS = {
  opening: 'Durable Handoff reads the history and opens a case.',
  waiting: 'The desk has the case. The end user waits for an agent.',
  connected: 'Messages pass both ways, in order.',
  closing: 'The last messages are delivered, then both sides are closed.',
};
const ENDED = {
  resolved: 'The agent closed the case.',
  'ended-by-user': 'The end user ended it.',
  unanswered: 'No agent answered in time.',
  unavailable: 'No agent was available.',
  'closed-elsewhere': 'The conversation was closed on the platform.',
  cancelled: 'An operator ended it.',
};
const DELIVERIES = [
  ['normal', 'normally'],
  ['late', 'late'],
  ['twice', 'twice'],
  ['out-of-order', 'out of order'],
  ['never', 'never'],
];

/** `breakWebhooks(side, delivery)`, where side is `platform` or `desk`. */
export function connectHandoff({ breakWebhooks }) {
  for (const side of ['platform', 'desk']) {
    byId(`${side}-faults`).addEventListener('change', ({ target }) => breakWebhooks(side, target.value));
  }
}

export function showHandoff({ handoff, phone, deliveries, workflowUrl, faults }, platform) {
  byId('handoff-id').textContent = handoff?.handoffId ?? 'None yet: the bot answers';
  byId('workflow').hidden = !workflowUrl;
  if (workflowUrl) byId('workflow').href = workflowUrl;
  showSteps(handoff?.state);
  say(byId('said'), descriptionOf(handoff));
  showFact(byId('representative'), { name: 'Representative', ...representativeOf(phone) });
  showFact(byId('bot'), { name: 'Bot', ...botOf(phone, PLATFORMS[platform]) });
  showFacts(handoff);
  showDeliveries(deliveries);
  byId('faults-hint').textContent = PLATFORMS[platform].faults;
  for (const side of ['platform', 'desk']) showOptions(byId(`${side}-faults`), DELIVERIES, faults[side]);
}

function showSteps(state) {
  const reached = STEPS.indexOf(state);
  show(
    byId('steps'),
    STEPS.map((id) => ({ id })),
    ({ id }) => make('li', { textContent: id }),
  );
  [...byId('steps').children].forEach((step, index) => {
    step.toggleAttribute('data-reached', index <= reached);
    step.ariaCurrent = index === reached ? 'step' : null;
  });
}

function descriptionOf(handoff) {
  if (!handoff) return 'A handoff begins when the bot cannot help, or the end user asks for a person.';
  if (handoff.state !== 'closed') return DESCRIPTIONS[handoff.state];
  return `${ENDED[handoff.outcome] ?? 'It is closed.'} ${handoff.detail ?? 'The bot answers again.'}`;
}

function representativeOf(phone) {
  const { type, name } = phone?.representative ?? {};
  if (type !== 'HUMAN') {
    const hint = phone?.bot === 'paused' ? 'until an agent joins' : 'speaks to the end user';
    return { value: 'BOT', who: 'bot', hint };
  }
  return { value: 'HUMAN', who: 'human', hint: `${name ?? 'An agent'} speaks to the end user` };
}

function botOf(phone, { pausedUntil }) {
  if (phone?.bot !== 'paused') return { value: 'listening', who: 'bot', hint: 'gets what the end user writes' };
  return { value: 'paused', who: 'paused', hint: `gets no messages until ${pausedUntil}` };
}

function showFact(card, fact) {
  const json = JSON.stringify(fact);
  if (card.dataset.json === json) return;
  card.dataset.json = json;
  const { name, value, who, hint } = fact;
  const term = make('dt', { textContent: name });
  const details = make('dd', { textContent: value, data: { who } });
  card.replaceChildren(make('dl', {}, term, details, make('dd', { className: 'hint', textContent: hint })));
}

function showFacts(handoff) {
  const facts = [
    ['Case', handoff?.case?.id],
    ['Contact center', handoff?.contactCenter],
    ['Queue', handoff?.queue],
    ['Language', handoff?.language],
    ['Priority', handoff?.priority],
    ['Outcome', handoff?.outcome],
    ['Waiting to be delivered', handoff?.pending || undefined],
    ['Not delivered', handoff?.undelivered || undefined],
  ].filter(([, value]) => value !== undefined);
  const list = byId('facts');
  const json = JSON.stringify(facts);
  if (list.dataset.json === json) return;
  list.dataset.json = json;
  list.replaceChildren(
    ...facts.flatMap(([name, value]) => [make('dt', { textContent: name }), make('dd', { textContent: value })]),
  );
}

/** For a message whose text neither the phone nor the desk shows. */
const UNKNOWN_TEXTS = { inbound: 'A message of the end user', outbound: 'A message to the end user' };

function showDeliveries(messages) {
  byId('deliveries-empty').hidden = messages.length > 0;
  show(byId('deliveries'), [...messages].reverse(), (message) => {
    const inbound = message.direction === 'inbound';
    const arrow = make('span', { textContent: inbound ? '→' : '←', ariaHidden: 'true' });
    const way = make('span', { className: 'way' }, arrow);
    way.append(make('span', { className: 'unseen', textContent: inbound ? 'to the desk:' : 'to the phone:' }));
    const text = make('span', { className: 'text', textContent: message.text ?? UNKNOWN_TEXTS[message.direction] });
    return make('li', {}, way, text, deliveryStatusOf(message));
  });
}

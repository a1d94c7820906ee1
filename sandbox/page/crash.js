import { byId, clock, make, say, show } from './dom.js';

const NAMES = { worker: 'Worker', temporal: 'Temporal', api: 'API' };
const IN_SENTENCES = { worker: 'the worker', temporal: 'Temporal' };
const EVENTS = { killed: 'killed', ended: 'ended because of that', restarted: 'restarted' };
/** Where the panel has room of its own; elsewhere it is folded up, so that the handoff can be seen. */
const ROOMY = matchMedia('(width >= 1080px) and (height >= 700px)');

/** The processes that were just killed, with how often each had been started again by then. */
const stopping = new Map();
/** What was known last: see `running` of the sandbox's state. */
let known = { processes: [], events: [] };

/** `kill(process)` ends a process of `npm start` without warning, and promises what is known of all of them then. */
export function connectCrash({ kill }) {
  byId('crash').open = ROOMY.matches;
  for (const button of document.querySelectorAll('.kill')) {
    button.addEventListener('click', () => {
      if (button.ariaDisabled !== 'true') void stop(button.dataset.process, kill);
    });
  }
}

async function stop(process, kill) {
  stopping.set(process, restartsOf(process));
  showProcesses();
  const running = await kill(process);
  if (running) showCrash({ running });
  else stopping.delete(process);
  showProcesses();
}

/** Shows what can be killed and what has happened, where `npm start` runs the processes. */
export function showCrash({ running }) {
  byId('crash').hidden = !running;
  if (!running) return;
  known = running;
  showProcesses();
  show(byId('crash-log'), linesOf(running.events), toLine);
}

function showProcesses() {
  const news = [];
  for (const button of document.querySelectorAll('.kill')) {
    const { process } = button.dataset;
    const doing = activityOf(process);
    // Not `disabled`, which would take the focus away from whoever uses the keyboard.
    button.ariaDisabled = String(doing !== undefined);
    say(button, doing ? `${doing} ${IN_SENTENCES[process]} …` : `Kill ${IN_SENTENCES[process]} (kill -9)`);
    if (doing) news.push(button.textContent);
  }
  say(byId('crash-status'), news.join(' '));
}

/** What happens to a process that cannot be killed now. */
function activityOf(process) {
  if (stateOf(process) !== 'running') {
    stopping.delete(process);
    return 'Restarting';
  }
  if (stopping.has(process) && restartsOf(process) > stopping.get(process)) stopping.delete(process);
  return stopping.has(process) ? 'Stopping' : undefined;
}

const stateOf = (process) => known.processes.find(({ name }) => name === process)?.state;

const restartsOf = (process) =>
  known.events.filter((one) => one.process === process && one.event === 'restarted').length;

/** One line for each time that a process was away. */
function linesOf(events) {
  const lines = [];
  for (const { process, event, at } of events) {
    const open = lines.find((line) => line.process === process && !line.isBack);
    if (open && event === 'restarted') Object.assign(open, { isBack: true, steps: [...open.steps, { event, at }] });
    else lines.push({ id: `${process} ${at}`, process, isBack: false, steps: [{ event, at }] });
  }
  return lines.slice(-3);
}

function toLine({ process, isBack, steps }) {
  const words = steps.map(({ event, at }) => `${EVENTS[event]} ${clock(at)}`).join(' … ');
  return make('li', {
    textContent: `${NAMES[process] ?? process} ${words}${isBack ? '' : ' …'}`,
    data: { back: String(isBack) },
  });
}

import { byId, clock, make, show } from './dom.js';

const NAMES = { worker: 'Worker', temporal: 'Temporal', api: 'API' };
const EVENTS = { killed: 'killed', ended: 'ended because of that', restarted: 'restarted' };

/** `kill(process)` ends a process of `npm start` without warning. */
export function connectCrash({ kill }) {
  for (const button of document.querySelectorAll('.kill')) {
    button.addEventListener('click', () => {
      if (button.ariaDisabled !== 'true') void kill(button.dataset.process);
    });
  }
}

/** Shows what can be killed and what has happened, where `npm start` runs the processes. */
export function showCrash({ running }) {
  byId('crash').hidden = !running;
  if (!running) return;
  const states = new Map(running.processes.map(({ name, state }) => [name, state]));
  // Not `disabled`, which would take the focus away from whoever uses the keyboard.
  for (const button of document.querySelectorAll('.kill')) {
    button.ariaDisabled = String(states.get(button.dataset.process) !== 'running');
  }
  show(byId('crash-log'), linesOf(running.events), toLine);
}

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

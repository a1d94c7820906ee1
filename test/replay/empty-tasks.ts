interface HistoryEvent {
  eventId: string;
  eventType: string;
  eventTime: string;
  [attributes: string]: unknown;
}
export interface History {
  events: HistoryEvent[];
}

const SCHEDULED = 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED';
const STARTED = 'EVENT_TYPE_WORKFLOW_TASK_STARTED';
const COMPLETED = 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED';
/** What comes of a workflow task: its commands, and the updates that it has accepted. */
const BY_TASK =
  /_(ACTIVITY_TASK_SCHEDULED|ACTIVITY_TASK_CANCEL_REQUESTED|TIMER_STARTED|TIMER_CANCELED|INITIATED|MARKER_RECORDED|WORKFLOW_PROPERTIES_MODIFIED|UPSERT_WORKFLOW_SEARCH_ATTRIBUTES|UPDATE_ACCEPTED|UPDATE_COMPLETED|EXECUTION_COMPLETED|EXECUTION_FAILED|EXECUTION_CANCELED|CONTINUED_AS_NEW)$/;

/**
 * The history as updates leave it that the handoff rejects: with an empty workflow task after each, and each task
 * scheduled before what it is about has happened. A worker that replays it from the start handles tasks that led to
 * nothing together with the next one (https://github.com/temporalio/sdk-rust/issues/1606), and the same commands have
 * to come of that.
 */
export function withEmptyTasks({ events: recorded }: History): History & { added: number } {
  const events = scheduledEarly(recorded);
  const ids = new Map<string, string>();
  const all: HistoryEvent[] = [];
  let task: HistoryEvent[] = [];
  let added = 0;
  const add = (event: HistoryEvent) => all.push({ ...event, eventId: String(all.length + 1) });
  for (const [i, event] of events.entries()) {
    ids.set(event.eventId, String(all.length + 1));
    add(event);
    if (event.eventType === SCHEDULED) task = [];
    if ([SCHEDULED, STARTED, COMPLETED].includes(event.eventType)) task.push(event);
    const next = events[i + 1];
    const isDone = event.eventType === COMPLETED || BY_TASK.test(event.eventType);
    if (!isDone || task.length !== 3 || !next || BY_TASK.test(next.eventType)) continue;
    const last = all.length;
    for (const one of task) add(renumbered(one, referring(one, last)));
    task = [];
    added++;
  }
  return { added, events: all.map((event) => renumbered(event, ids)) };
}

/** With each task scheduled as soon as the one before is done. */
function scheduledEarly(events: HistoryEvent[]): HistoryEvent[] {
  const all: HistoryEvent[] = [];
  for (const event of events) {
    const at = all.findLastIndex(({ eventType }) => !/_(ACTIVITY_TASK_(STARTED|COMPLETED)|SIGNALED)$/.test(eventType));
    const isAfterTask = all[at] && (all[at].eventType === COMPLETED || BY_TASK.test(all[at].eventType));
    if (event.eventType === SCHEDULED && isAfterTask) all.splice(at + 1, 0, event);
    else all.push(event);
  }
  return all;
}

/** An empty task refers to itself: its first event follows the last one so far. */
function referring(event: HistoryEvent, last: number): Map<string, string> {
  const own = new Map<string, string>();
  JSON.stringify(event, (name, value: unknown) => {
    if (name === 'scheduledEventId') own.set(String(value), `new ${last + 1}`);
    if (name === 'startedEventId') own.set(String(value), `new ${last + 2}`);
    return value;
  });
  return own;
}

/** With the ids of events that it refers to as they are now. */
function renumbered(event: HistoryEvent, ids: Map<string, string>): HistoryEvent {
  const text = JSON.stringify(event, (name, value: unknown) => {
    if (name === 'eventId' || !name.endsWith('EventId') || typeof value !== 'string') return value;
    return value.startsWith('new ') ? value.slice(4) : (ids.get(value) ?? value);
  });
  return JSON.parse(text) as HistoryEvent;
}

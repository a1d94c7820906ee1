/** What a recorded history shows, of what every version has to be able to replay. */
export interface Shown {
  workflow: string;
  outcome?: string;
  activities: string[];
  signals: string[];
  updates: string[];
  /** What went on where this run ended and the next one began; `next handoff` where all was over. */
  continuedWhile?: string;
}

interface Payloads {
  payloads: { data: string }[];
}
interface Event {
  workflowExecutionStartedEventAttributes?: { workflowType: { name: string } };
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  workflowExecutionSignaledEventAttributes?: { signalName: string };
  workflowExecutionUpdateAcceptedEventAttributes?: { acceptedRequest: { input: { name: string } } };
  workflowExecutionCompletedEventAttributes?: { result: Payloads };
  workflowExecutionContinuedAsNewEventAttributes?: { input: Payloads };
}
interface Carried {
  carried?: { phase: { name: string }; cases: { status: string }[] };
}

/** @param json as the Temporal CLI shows a history */
export function shownBy(json: string): Shown {
  const { events } = JSON.parse(json) as { events: Event[] };
  const every = (find: (event: Event) => string | undefined) => [
    ...new Set(events.flatMap((event) => find(event) ?? [])),
  ];
  const result = events.at(-1)?.workflowExecutionCompletedEventAttributes?.result;
  const input = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.input;
  return {
    workflow: events[0]!.workflowExecutionStartedEventAttributes!.workflowType.name,
    outcome: result && firstOf<{ outcome?: string } | null>(result)?.outcome,
    activities: every((event) => event.activityTaskScheduledEventAttributes?.activityType.name),
    signals: every((event) => event.workflowExecutionSignaledEventAttributes?.signalName),
    updates: every((event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest.input.name),
    continuedWhile: input && whatGoesOn(firstOf<Carried>(input)),
  };
}

function firstOf<T>({ payloads }: Payloads): T {
  return JSON.parse(Buffer.from(payloads[0]!.data, 'base64').toString('utf8')) as T;
}

function whatGoesOn({ carried }: Carried): string {
  if (!carried) return 'next handoff';
  const isTransferring = carried.phase.name === 'active' && carried.cases.some(({ status }) => status === 'opening');
  return isTransferring ? 'transferring' : carried.phase.name;
}

import fc from 'fast-check';
import type { HandoffInput } from '../../domain/contract';
import type { HandoffEvent } from '../../domain/events';
import type { FinalFailure } from '../../domain/failures';
import type { HandoffSettings } from '../../domain/handoff';
import { BUILT_IN_TEXTS } from '../../domain/texts';
import { reduce, type Fact } from '../../workflows/handoff/reduce';
import { initialState, type HandoffState } from '../../workflows/handoff/state';
import { nextInbound, nextOutbound, type InboundStep, type OutboundStep } from '../../workflows/handoff/steps';

/** Drives the reducer as the workflow does, without Temporal: whatever order things happen in is an input here. */

export const KEY = 'handoff:main:conv-1#0123456789ab';

export function settingsWith(change: Partial<HandoffSettings> = {}): HandoffSettings {
  return {
    platform: { history: true, representatives: true, typing: true, textLimit: 20 },
    contactCenters: {
      desk: {
        agentMessages: ['webhook'],
        closure: ['webhook'],
        appendBatch: 3,
        maxAppendBytes: 64_000,
        afterClose: 'append',
      },
    },
    routing: [{ to: 'desk' }],
    texts: { defaultLanguage: 'en', languages: BUILT_IN_TEXTS },
    timers: { openWithin: 1_000, deliverWithin: 1_000, answerWithin: null },
    endKeywords: ['/end'],
    maxHistoryEvents: 1_500,
    ...change,
  };
}

export function startState(settings: HandoffSettings): HandoffState {
  const input: HandoffInput = { account: 'main', conversationId: 'conv-1', call: {}, settings };
  return initialState(input, KEY, '2026-01-01T00:00:00.000Z');
}

/** What is to happen next: an event arrives, a step under way ends, or the run is continued as new. */
export type Move =
  | { kind: 'event'; event: HandoffEvent }
  | { kind: 'inbound'; end: 'done' | FinalFailure | 'timed-out' }
  | { kind: 'outbound'; end: 'done' | FinalFailure | 'timed-out' }
  | { kind: 'new-run' }
  | { kind: 'goodbye' };

export interface Trace {
  state: HandoffState;
  settings: HandoffSettings;
  outbound: { step: OutboundStep; end: string }[];
  inbound: { step: InboundStep; end: string }[];
}

const SINCE = '2026-01-01T00:00:01.000Z';
const A_CASE: Fact[] = [
  { type: 'routed', route: { contactCenter: 'desk', priority: 'NORMAL' } },
  { type: 'opened', case: { id: 'case-1' } },
];

/** Plays the moves, then lets everything left get through, closing included. */
export function play(moves: Move[], settings = settingsWith(), opening: Fact[] = A_CASE): Trace {
  const trace: Trace = { state: startState(settings), settings, outbound: [], inbound: [] };
  for (const fact of opening) apply(trace, fact);
  for (const move of moves) makeMove(trace, move);
  drain(trace);
  if (trace.state.closing) {
    apply(trace, { type: 'said-goodbye' });
    drain(trace);
  }
  return trace;
}

function makeMove(trace: Trace, move: Move): void {
  switch (move.kind) {
    case 'event':
      return apply(trace, move.event);
    case 'inbound':
      return endInbound(trace, move.end);
    case 'outbound':
      return endOutbound(trace, move.end);
    case 'goodbye':
      return apply(trace, { type: 'said-goodbye' });
    case 'new-run':
      apply(trace, { type: 'interrupted', lane: 'inbound', since: SINCE });
      apply(trace, { type: 'interrupted', lane: 'outbound', since: SINCE });
      trace.state = JSON.parse(JSON.stringify(trace.state)) as HandoffState;
  }
}

function apply(trace: Trace, fact: Fact): void {
  const before = JSON.stringify(trace.state);
  const next = reduce(trace.state, fact, trace.settings);
  if (JSON.stringify(trace.state) !== before) throw new Error(`the reducer changed its input on ${fact.type}`);
  trace.state = next;
}

function endInbound(trace: Trace, end: string): void {
  const step = nextInbound(trace.state, trace.settings);
  if (!step) return;
  const ended = step.kind === 'refuse' ? 'done' : end;
  trace.inbound.push({ step, end: ended });
  if (ended === 'done') return apply(trace, { type: 'inbound-done', step });
  const failure = ended === 'timed-out' ? undefined : (ended as FinalFailure);
  apply(trace, { type: 'inbound-failed', step, failure, since: SINCE });
}

function endOutbound(trace: Trace, end: string): void {
  const step = nextOutbound(trace.state, trace.settings);
  if (!step) return;
  const silent = step.kind === 'skip' || step.kind === 'refuse' || (step.kind === 'announce' && step.by === 'silent');
  const ended = silent ? 'done' : end;
  trace.outbound.push({ step, end: ended });
  const ids = step.kind === 'send' ? step.messages.map(({ messageId }) => `p-${messageId}`) : [];
  if (ended === 'done') return apply(trace, { type: 'outbound-done', step, platformIds: ids });
  // Half of a batch is out by the time that the next message fails.
  const sent = ids.slice(0, Math.floor(ids.length / 2));
  if (step.kind === 'send' && sent.length > 0) {
    trace.outbound.at(-1)!.step = { ...step, messages: step.messages.slice(sent.length) };
    trace.outbound.splice(-1, 0, { step: { ...step, messages: step.messages.slice(0, sent.length) }, end: 'done' });
    apply(trace, { type: 'outbound-done', step, platformIds: sent });
  }
  const failure = ended === 'timed-out' ? undefined : (ended as FinalFailure);
  apply(trace, { type: 'outbound-failed', step, failure, since: SINCE });
}

/** Bounded: a lane that does not empty is a loop, and a failure of the test. */
function drain(trace: Trace): void {
  for (let i = 0; i < 2_000; i++) {
    if (!nextInbound(trace.state, trace.settings) && !nextOutbound(trace.state, trace.settings)) return;
    endInbound(trace, 'done');
    endOutbound(trace, 'done');
  }
  throw new Error('the lanes do not empty');
}

const agent = fc.constantFrom({ id: 'ana', name: 'Ana' }, { id: 'marko', name: 'Marko' }, { name: 'Jane' });
const at = fc.integer({ min: 0, max: 3_600_000 }).map((ms) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString());
const text = fc.string({ minLength: 1, maxLength: 70, unit: 'grapheme' });
const id = fc.integer({ min: 0, max: 40 }).map(String);

const event: fc.Arbitrary<HandoffEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('inbound' as const), message: inboundMessage() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('agent-message' as const),
      caseKey: fc.constant(KEY),
      message: agentMessage(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('agent-joined' as const, 'agent-left' as const),
      caseKey: fc.constant(KEY),
      id,
      at,
      agent,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('transferred' as const),
      caseKey: fc.constant(KEY),
      id,
      at,
      to: fc.constant('Billing'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('case-closed' as const, 'case-reopened' as const),
      caseKey: fc.constant(KEY),
      id,
      at,
    }),
  },
);

function inboundMessage() {
  return fc.record({ id, at, content: fc.record({ kind: fc.constant('text' as const), text }) });
}

function agentMessage() {
  return fc.record({ id, at, agent, content: fc.record({ kind: fc.constant('text' as const), text }) });
}

const end = fc.oneof(
  { weight: 6, arbitrary: fc.constant('done' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('rejected' as const, 'too-large' as const, 'unsupported' as const, 'timed-out' as const),
  },
);

export const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('event' as const), event }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('inbound' as const), end }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('outbound' as const), end }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'new-run' as const }) },
  ),
  { maxLength: 60 },
);

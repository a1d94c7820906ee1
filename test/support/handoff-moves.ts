import fc from 'fast-check';
import type { HandoffEvent } from '../../domain/events';
import { ANA, AT, BEFORE, KEY, type Move, type TrackName } from './handoff-simulation';
import type { End } from './handoff-world';

/** Arbitrary stories of a handoff, for property tests. */

const agent = fc.constantFrom(ANA, { id: 'marko', name: 'Marko' }, { name: 'Jane' });
const at = fc.integer({ min: 0, max: 3_600_000 }).map((ms) => new Date(Date.parse(AT) + ms).toISOString());
const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const id = fc.integer({ min: 0, max: 40 }).map(String);
const content = fc.record({ kind: fc.constant('text' as const), text });
const ofCase = fc.constantFrom(
  { caseKey: KEY, contactCenter: 'desk' },
  { caseKey: KEY.replace(/1$/, '2'), contactCenter: 'other' },
  { caseKey: KEY.replace(/1$/, '2'), contactCenter: 'desk' },
  { caseKey: BEFORE, contactCenter: 'desk' },
);

export const event: fc.Arbitrary<HandoffEvent> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ id, at, content }).map((message): HandoffEvent => ({ type: 'inbound', message })),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(ofCase, fc.record({ id, at, agent, content }))
      .map(([of, message]): HandoffEvent => ({ type: 'agent-message', ...of, message })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(ofCase, fc.constantFrom('agent-joined' as const, 'agent-left' as const), fc.record({ id, at, agent }))
      .map(([of, type, rest]): HandoffEvent => ({ type, ...of, ...rest })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        ofCase,
        fc.constantFrom('transferred' as const, 'case-reopened' as const, 'case-closed' as const),
        fc.record({ id, at }),
      )
      .map(([of, type, rest]): HandoffEvent => ({ type, ...of, ...rest })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ id, at }).map((rest): HandoffEvent => ({ type: 'conversation-closed', ...rest })),
  },
);

const end: fc.Arbitrary<End> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('done' as const) },
  { weight: 2, arbitrary: fc.constantFrom<End>('interrupted-before', 'interrupted-after') },
  {
    weight: 2,
    arbitrary: fc.constantFrom<End>(
      'rejected',
      'too-large',
      'not-found',
      'conversation-closed',
      'case-closed',
      'no-agents',
      'timed-out',
      'timed-out-after',
    ),
  },
);
const track = fc.constantFrom<TrackName>('lifecycle', 'toAgent', 'toEndUser', 'toEarlierCases');

const anything: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: event.map((one): Move => ({ kind: 'event', event: one })) },
    { weight: 14, arbitrary: fc.record({ kind: fc.constant('call' as const), track, end }) },
    { weight: 1, arbitrary: fc.constant<Move>({ kind: 'new-run' }) },
    { weight: 1, arbitrary: fc.constant<Move>({ kind: 'deadline' }) },
    { weight: 1, arbitrary: fc.constant<Move>({ kind: 'retry' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Move>(
        { kind: 'transfer', to: 'other', queue: 'q' },
        { kind: 'transfer', to: 'desk', queue: 'r' },
      ),
    },
    { weight: 1, arbitrary: fc.constant<Move>({ kind: 'close' }) },
  ),
  { minLength: 20, maxLength: 100, size: 'max' },
);

/** Most handoffs get through their opening; what happens after it is the larger part. */
const opened: Move[] = [
  { kind: 'call', track: 'lifecycle', end: 'done' },
  { kind: 'call', track: 'lifecycle', end: 'done' },
];
export const moves: fc.Arbitrary<Move[]> = fc.oneof(
  { weight: 1, arbitrary: anything },
  { weight: 3, arbitrary: anything.map((rest) => [...opened, ...rest]) },
);

import fc from 'fast-check';
import { jsonBytes, LATE_MS } from '../../../domain/limits';
import type { HandoffEvent } from '../../../domain/events';
import { ANA, AT, KEY, MARKO, Simulation, settingsWith, type Move } from '../../support/handoff-simulation';

const atMs = (ms: number) => new Date(Date.parse(AT) + ms).toISOString();
const event = (one: HandoffEvent): Move => ({ kind: 'event', event: one });
const content = { kind: 'text' as const, text: 'x' };
const said = (id: string, ms: number): Move => event({ type: 'inbound', message: { id, at: atMs(ms), content } });
const answered = (id: string, ms: number, agent = ANA): Move =>
  event({
    ...{ type: 'agent-message', caseKey: KEY, contactCenter: 'desk' },
    message: { id, at: atMs(ms), agent, content },
  });
const closed = (ms: number): Move =>
  event({ type: 'case-closed', caseKey: KEY, contactCenter: 'desk', id: 'closed', at: atMs(ms) });

const opened = (change = {}) => new Simulation(settingsWith(change)).open().settle();
const timers = { openWithin: 60_000, deliverWithin: 3_600_000, answerWithin: null };
const HOLD_MS = 250;
const holding = { timers: { ...timers, holdBack: HOLD_MS } };
const inCase = ({ world }: Simulation) => world.cases.get(KEY)!.messages;
const heard = (simulation: Simulation) =>
  simulation.heard().flatMap((line) => (line.startsWith('Ana: ') ? [line.slice(5)] : []));

/** Ids in an arbitrary order of arrival, each with a time in a window of a few minutes; some have the same. */
const arrivals = fc.uniqueArray(fc.record({ id: fc.nat(60).map(String), ms: fc.nat(9).map((n) => n * 20_000) }), {
  selector: ({ id }) => id,
  minLength: 2,
  maxLength: 15,
});
const stable = (all: { id: string; ms: number }[]) =>
  [...all].sort((one, other) => one.ms - other.ms).map(({ id }) => id);

describe('what waits while its side cannot take it', () => {
  test("P4: goes out in the vendor's order, whatever order it arrived in; what has one time, as it arrived", () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        // Nothing is under way: the case is still being opened.
        const simulation = new Simulation().play(all.map(({ id, ms }) => said(id, ms)));
        simulation.open().settle();
        expect(inCase(simulation)).toEqual(stable(all));
      }),
    );
  });

  test('keeps what is under way in front, in both directions', () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        const simulation = opened();
        const [first, ...rest] = all;
        simulation.play([said(first!.id, first!.ms), answered(first!.id, first!.ms)]);
        simulation.start('toAgent');
        // The announcement, and then the message itself.
        simulation.endCall('toEndUser', 'done');
        simulation.start('toEndUser');
        simulation.play(rest.flatMap(({ id, ms }) => [said(id, ms), answered(id, ms)])).settle();
        const expected = [first!.id, ...stable(rest)];
        expect([inCase(simulation), heard(simulation)]).toEqual([expected, expected]);
      }),
    );
  });

  test('keeps what may have got through already in front, and delivers it once', () => {
    const simulation = opened().play([said('2', 2_000)]);
    simulation.endCall('toAgent', 'interrupted-after');
    simulation.play([said('1', 1_000)]).settle();
    expect(inCase(simulation)).toEqual(['2', '1']);
  });

  test('does not pass an agent’s joining or leaving', () => {
    const simulation = opened();
    simulation.start('toEndUser');
    const left = { type: 'agent-left' as const, caseKey: KEY, contactCenter: 'desk', agent: ANA };
    simulation.play([
      answered('1', 1_000),
      event({ ...left, id: 'l', at: atMs(2_000) }),
      answered('3', 3_000, MARKO),
      answered('2', 2_500, MARKO),
    ]);
    simulation.settle();
    const spoken = simulation.heard().filter((line) => !line.startsWith('BOT'));
    expect(spoken).toEqual(['joined Ana', 'Ana: 1', 'left Ana', 'joined Marko', 'Marko: 2', 'Marko: 3']);
  });
});

describe("a vendor's clock", () => {
  test('that has jumped ahead for one message holds that message up no longer than the jump, and five minutes at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_600_000 }), (jumpMs) => {
        // The case is still being opened; the others come every ten seconds, by a clock that is right.
        const simulation = new Simulation().play([said('jumped', jumpMs)]);
        for (let i = 0; i < 60; i++) simulation.make(said(String(i), i * 10_000));
        const before = simulation.open().settle() && inCase(simulation).indexOf('jumped');
        expect(before).toBeLessThanOrEqual(Math.min(jumpMs, 5 * 60_000) / 10_000 + 1);
      }),
    );
  });

  test('that jumps about loses nothing and doubles nothing', () => {
    const anyTime = fc.uniqueArray(fc.record({ id: fc.nat(99).map(String), ms: fc.integer({ min: -1e9, max: 1e9 }) }), {
      selector: ({ id }) => id,
      maxLength: 30,
    });
    fc.assert(
      fc.property(anyTime, fc.constantFrom({}, holding), (all, change) => {
        const simulation = opened(change);
        simulation.play(all.flatMap(({ id, ms }) => [said(id, ms), answered(id, ms)])).settle();
        const ids = all.map(({ id }) => id).sort();
        expect([[...inCase(simulation)].sort(), [...heard(simulation)].sort()]).toEqual([ids, ids]);
      }),
    );
  });
});

describe('what is held back', () => {
  test("P4: counts in the vendor's order, even where nothing else would wait", () => {
    const simulation = opened(holding);
    for (const move of [said('2', 2_000), answered('2', 2_000), said('1', 1_000), answered('1', 1_000)]) {
      simulation.make(move);
      simulation.start('toAgent');
      simulation.start('toEndUser');
    }
    expect(inCase(simulation)).toEqual([]);
    simulation.settle();
    expect([inCase(simulation), heard(simulation)]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  test('waits no longer than it may, however many follow', () => {
    const simulation = opened(holding).play([said('first', 5_000)]);
    const arrivedAt = simulation.now - 1;
    for (
      let i = 0;
      simulation.state.held?.some(({ event: one }) => 'message' in one && one.message.id === 'first');
      i++
    ) {
      simulation.now += 20;
      simulation.make(said(String(i), i));
      simulation.make({ kind: 'deadline' });
    }
    expect(simulation.now - arrivedAt).toBeLessThan(2 * HOLD_MS);
  });

  test('lets a last answer that the close has overtaken reach the end user before the goodbye', () => {
    const simulation = opened(holding)
      .play([closed(2_000), answered('last', 1_000)])
      .settle();
    simulation.world.close(KEY);
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'Ana: last', 'left Ana', 'BOT goodbye']);
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'resolved' });
  });

  test('is not lost when the handoff ends or a new run begins meanwhile', () => {
    const simulation = opened(holding).play([said('1', 1_000), answered('1', 1_000), { kind: 'new-run' }]);
    simulation.play([{ kind: 'close' }]).settle();
    expect([inCase(simulation), heard(simulation)]).toEqual([['1'], ['1']]);
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'cancelled' });
  });

  test('is at most a few kilobytes: a burst counts at once', () => {
    const simulation = opened(holding);
    for (let i = 0; i < 500; i++) {
      const text = 'x'.repeat(2_000);
      simulation.make(
        event({ type: 'inbound', message: { id: String(i), at: atMs(i), content: { kind: 'text', text } } }),
      );
      expect(jsonBytes(simulation.state.held ?? [])).toBeLessThan(9_000);
    }
    simulation.settle();
    expect(inCase(simulation)).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
  });

  test('is nothing where the setting is off: no deadline, no time', () => {
    const simulation = opened().play([said('1', 1_000)]);
    expect(simulation.state.held).toBeUndefined();
    expect(simulation.requests('append')).toHaveLength(0);
    simulation.start('toAgent');
    expect(simulation.requests('append')).toHaveLength(1);
  });
});

describe('a message that arrives long after it was written', () => {
  const LATER_MS = LATE_MS + 1_000;

  test.each(['toAgent', 'toEndUser'] as const)(
    'P29: may have been relayed by a handoff that Temporal was restored without: %s reads back first',
    (track) => {
      const simulation = opened();
      simulation.now = Date.parse(AT) + LATER_MS;
      simulation.play([said('old', 0), said('new', LATER_MS), answered('old', 0), answered('new', LATER_MS)]).settle();
      const reads =
        track === 'toAgent'
          ? simulation.requests('append').map(({ messages, again }) => [messages[0]!.id, again])
          : simulation.requests('send').map(({ messages, sentSince }) => [messages[0]!.id, sentSince === AT]);
      expect(reads).toEqual([
        ['old', true],
        ['new', false],
      ]);
    },
  );
});

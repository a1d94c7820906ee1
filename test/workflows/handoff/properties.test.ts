import fc from 'fast-check';
import { jsonBytes, STATE_BUDGET_BYTES } from '../../../domain/limits';
import { event, moves } from '../../support/handoff-moves';
import { settingsWith, Simulation, type Move, type TrackName } from '../../support/handoff-simulation';
import { isAllDelivered } from '../../../workflows/handoff/state';

/** Whatever happens, in whatever order, these hold: opening, closing, commands and every kind of failure included. */

const RUNS = 60;
const PLATFORMS = [
  ['with representatives', settingsWith()],
  ['that announces by text', settingsWith({ platform: { history: true, representatives: false, textLimit: 4_096 } })],
  ['whose events are held back', settingsWith({ timers: { ...settingsWith().timers, holdBack: 100 } })],
  ['that cannot be read', settingsWith({ platform: { history: false, representatives: true, textLimit: 4_096 } })],
  ['with contact centers to fall back on', settingsWith({ routing: [{ to: ['desk', 'other'] }] })],
] as const;

/** Plays the moves, then the agent closes and everything gets through. */
function ended(all: Move[], settings = settingsWith()): Simulation {
  const simulation = new Simulation(settings).play(all).settle();
  return simulation.state.phase.name === 'closed' ? simulation : simulation.resolve().settle();
}

describe.each(PLATFORMS)('on a platform %s', (_name, settings) => {
  const holds = (check: (simulation: Simulation, all: Move[]) => void) =>
    fc.assert(
      fc.property(moves, (all) => check(ended(all, settings), all)),
      { numRuns: RUNS },
    );

  test('P15: every handoff ends, with the conversation closed and every open case closed', () => {
    holds(({ state, world }) => {
      expect(state.phase.name).toBe('closed');
      expect(world.conversation === 'closed' || state.conversation !== 'open').toBe(true);
      const left = state.cases.filter(({ status, settled }) => !settled && (status === 'opening' || status === 'open'));
      expect(left).toEqual([]);
    });
  });

  test('P1: every accepted message has its final delivery status', () => {
    holds(({ state }) => {
      expect(state.messages.filter(({ deliveryStatus }) => deliveryStatus === 'accepted')).toEqual([]);
      expect(isAllDelivered(state)).toBe(true);
      expect(new Set(state.messages.map(({ direction, id }) => `${direction} ${id}`)).size).toBe(state.messages.length);
      expect(state.counts.undelivered).toBe(
        state.messages.filter(({ deliveryStatus }) => deliveryStatus === 'undeliverable').length,
      );
      expect(Object.values(state.counts).reduce((sum, n) => sum + n)).toBe(state.messages.length);
      // It goes through continue-as-new as JSON.
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    });
  });

  test('P2: no message reaches the end user twice, nor a case', () => {
    holds(({ world }) => {
      for (const { messages } of world.cases.values()) expect(new Set(messages).size).toBe(messages.length);
      const sent = world.toEndUser.filter((line) => !/^(joined|left|BOT)/.test(line));
      expect(new Set(sent).size).toBe(sent.length);
    });
  });

  test('P1: a message that counts as delivered has arrived', () => {
    holds(({ world, state }) => {
      const cases = [...world.cases.values()];
      const isInCase = (id: string) =>
        cases.some(({ messages, notes }) => messages.includes(id) || notes.some((it) => it.includes(`/late/${id} `)));
      const isSaid = (id: string) =>
        world.toEndUser.some((line) => !line.startsWith('BOT') && line.endsWith(`: ${id}`));
      for (const { id, direction, deliveryStatus } of state.messages) {
        if (deliveryStatus === 'delivered') expect((direction === 'inbound' ? isInCase : isSaid)(id)).toBe(true);
      }
    });
  });

  test('P10: a case that came about unseen is closed in the end', () => {
    holds(({ world, state }) => {
      const failed = state.cases.filter(({ key, status }) => status === 'failed' && world.cases.has(key));
      for (const { key } of failed) {
        const isRefused = state.cases.some((one) => one.key === key && one.settled);
        expect(isRefused || world.cases.get(key)!.status === 'closed').toBe(true);
      }
    });
  });

  test("P3: messages keep the order of arrival or the vendor's in each direction, unless an operator has one tried again", () => {
    holds(({ world, state }, all) => {
      if (all.some(({ kind }) => kind === 'retry')) return;
      const order = (direction: string) => state.messages.filter((one) => one.direction === direction);
      for (const { messages } of world.cases.values()) expect(inOrder(messages, order('inbound'))).toBe(true);
      const outbound = world.toEndUser
        .filter((line) => !/^(joined|left|BOT)/.test(line))
        .map((line) => line.split(': ')[1]!);
      expect(inOrder(outbound, order('outbound'))).toBe(true);
    });
  });

  test('the conversation is closed before any case that the agent has not closed', () => {
    holds(({ world, state }) => {
      const closeOfCurrent = world.log.lastIndexOf(`close-case ${state.cases.at(-1)?.key}`);
      const closeOfConversation = world.log.indexOf('close-conversation');
      const isClosedByUs = closeOfCurrent >= 0 && state.conversation === 'closed' && closeOfConversation >= 0;
      if (isClosedByUs && state.cases.at(-1)?.status !== 'failed') {
        expect(closeOfCurrent).toBeGreaterThan(closeOfConversation);
      }
    });
  });

  test('P31: the state stays within its budget', () => {
    holds(({ state }) => expect(jsonBytes(state)).toBeLessThan(STATE_BUDGET_BYTES));
  });
});

/** Only what the vendor has dated earlier may come before what arrived earlier. */
function inOrder(found: string[], arrived: { id: string; at: string }[]): boolean {
  const known = found.flatMap((id) => {
    const position = arrived.findIndex((one) => one.id === id);
    return position < 0 ? [] : [{ position, at: Date.parse(arrived[position]!.at) }];
  });
  return known.every((one, i) =>
    known.slice(i + 1).every((other) => one.position < other.position || one.at < other.at),
  );
}

test('P8: an agent joins before the first message, and leaves before the next one speaks and before the end', () => {
  fc.assert(
    fc.property(moves, (all) => {
      const { world, state } = ended(all);
      let speaking: string | undefined;
      for (const line of world.toEndUser) {
        const [what, name] = line.split(' ');
        if (what === 'joined') {
          expect(speaking === undefined || speaking === name).toBe(true);
          speaking = name;
        } else if (what === 'left') speaking = undefined;
        else if (!line.startsWith('BOT')) expect(line.startsWith(`${speaking}: `)).toBe(true);
      }
      if (state.conversation === 'closed' && world.log.includes('close-conversation')) {
        expect(state.representative.type).toBe('BOT');
      }
    }),
    { numRuns: RUNS },
  );
});

describe('the byte budget', () => {
  const size = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4_096 }) }, fc.constantFrom(60_000, 65_000));
  const letter = fc.constantFrom('a', 'ж', '語', '😀', '\u0001', '"');
  const big = fc
    .tuple(event, size, letter, fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 200 }))
    .map(([one, length, char, n, idLength]): Move => {
      if (!('message' in one)) return { kind: 'event', event: one };
      const message = {
        ...one.message,
        id: `${n}`.padEnd(idLength, '語'),
        content: { kind: 'text' as const, text: char.repeat(Math.ceil(length / char.length)) },
      };
      return { kind: 'event', event: { ...one, message } as typeof one };
    });
  const call = fc.record({
    kind: fc.constant('call' as const),
    track: fc.constantFrom<TrackName>('lifecycle', 'toAgent', 'toEndUser', 'toEarlierCases'),
    end: fc.constantFrom('done' as const, 'timed-out' as const, 'interrupted-before' as const),
  });

  test('P31: holds at any moment, whatever arrives while the vendors are down', () => {
    const all = fc.array(fc.oneof({ weight: 20, arbitrary: big }, { weight: 1, arbitrary: call }), {
      minLength: 200,
      maxLength: 400,
      size: 'max',
    });
    fc.assert(
      fc.property(all, fc.boolean(), (many, rereadable) => {
        const base = settingsWith().contactCenters.desk!;
        const settings = settingsWith({
          platform: { history: rereadable, representatives: true, textLimit: 4_096 },
          contactCenters: { desk: { ...base, rereadable }, other: { ...base, rereadable } },
        });
        const simulation = new Simulation(settings);
        simulation.endCall('lifecycle', 'done');
        simulation.endCall('lifecycle', 'done');
        for (const move of many) {
          simulation.make(move);
          expect(jsonBytes(simulation.state)).toBeLessThan(STATE_BUDGET_BYTES);
        }
      }),
      { numRuns: 5 },
    );
  }, 60_000);

  test('P31: lets 1,000 messages of 4,096 characters of any script wait for a contact center, and all arrive in order', () => {
    const simulation = new Simulation();
    simulation.endCall('lifecycle', 'done');
    simulation.endCall('lifecycle', 'done');
    const ids = Array.from({ length: 1_000 }, (_, i) => `3f2a6c1e-7b4d-4e8a-9c55-${String(i).padStart(12, '0')}`);
    for (const id of ids) {
      simulation.make({
        kind: 'event',
        event: {
          type: 'inbound',
          message: { id, at: '2026-01-01T00:00:00.000Z', content: { kind: 'text', text: '語'.repeat(4_096) } },
        },
      });
    }
    expect(jsonBytes(simulation.state)).toBeLessThan(STATE_BUDGET_BYTES);
    simulation.settle();
    expect([...simulation.world.cases.values()][0]!.messages).toEqual(ids);
  });
});

import type { HandoffSettings } from '../../../domain/handoff';
import { deadlines, earliest } from '../../../workflows/handoff/deadlines';
import { agentSays, inbound, settingsWith, Simulation, type Move } from '../../support/handoff-simulation';

const MINUTE = 60_000;
const timers = (answerWithin: number | null): Partial<HandoffSettings> => ({
  timers: { openWithin: MINUTE, acceptWithin: 2 * MINUTE, deliverWithin: 60 * MINUTE, answerWithin },
});
const of = ({ state, settings, now }: Simulation) =>
  deadlines(state, settings).map(({ at, occurrence }) => ({ inMinutes: Math.round((at - now) / MINUTE), occurrence }));
const transfer: Move = { kind: 'transfer', to: 'other', queue: 'q' };

describe('a handoff in which nothing happens', () => {
  test('has no deadline while its case is opened: the call itself is limited', () => {
    expect(of(new Simulation(settingsWith(timers(72 * 60 * MINUTE))))).toEqual([]);
  });

  test('ends as unanswered after the time that an agent has, counted from the opening', () => {
    const simulation = new Simulation(settingsWith(timers(30 * MINUTE))).open().settle();
    expect(of(simulation)).toEqual([{ inMinutes: 30, occurrence: { type: 'end', outcome: 'unanswered' } }]);
    simulation.make({ kind: 'deadline' });
    expect(simulation.settle().state.phase).toMatchObject({ name: 'closed', outcome: 'unanswered' });
    expect(simulation.heard()).toEqual(['BOT waiting', 'BOT unanswered']);
  });

  test('gives agents their whole time, however long the contact center took to open the case', () => {
    const simulation = new Simulation(settingsWith(timers(30 * MINUTE)));
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.now += 40 * MINUTE;
    simulation.endCall('lifecycle', 'done');
    expect(of(simulation)).toEqual([{ inMinutes: 30, occurrence: { type: 'end', outcome: 'unanswered' } }]);
  });

  test('has no deadline where that timer is switched off, nor once an agent has answered, nor when it is closed', () => {
    expect(of(new Simulation().open().settle())).toEqual([]);
    const answered = new Simulation(settingsWith(timers(30 * MINUTE)))
      .open()
      .play([agentSays('1')])
      .settle();
    expect(of(answered)).toEqual([]);
    expect(of(answered.resolve().settle())).toEqual([]);
  });

  test('waits anew for the agents that it was transferred to', () => {
    const simulation = new Simulation(settingsWith(timers(30 * MINUTE)))
      .open()
      .play([agentSays('1')])
      .settle();
    simulation.now += 20 * MINUTE;
    simulation.play([transfer]).settle();
    expect(of(simulation)).toEqual([{ inMinutes: 30, occurrence: { type: 'end', outcome: 'unanswered' } }]);
  });
});

describe('a step of closing', () => {
  const stepOver = (inMinutes: number) => [{ inMinutes, occurrence: { type: 'step-over' } }];

  test('holds up the next one for ten minutes at most while the last answers go out', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([agentSays('1')])
      .resolve();
    expect(of(simulation)).toEqual(stepOver(10));
  });

  test("P16: holds up the end user's bot for half a minute at most while a contact center is down", () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')])
      .resolve()
      .closeUntil('last-messages');
    expect(earliest(simulation.state, simulation.settings)!.at - simulation.now).toBeLessThanOrEqual(MINUTE / 2);
    simulation.make({ kind: 'deadline' });
    expect(simulation.state.phase).toMatchObject({ step: 'goodbye' });
    // It is still delivered, behind the end user's back.
    expect(simulation.settle().statuses()).toEqual(['inbound 1 delivered']);
  });

  test('says goodbye for five minutes at most', () => {
    const simulation = new Simulation().open().settle().resolve().closeUntil('goodbye');
    expect(of(simulation)).toEqual(stepOver(5));
    simulation.make({ kind: 'deadline' });
    expect(simulation.state.phase).toMatchObject({ step: 'close-conversation' });
  });

  test('never goes on without the agent having left, where that is what gives the conversation back', () => {
    const simulation = new Simulation()
      .open()
      .play([agentSays('1')])
      .settle()
      .resolve()
      .closeUntil('goodbye');
    expect(of(simulation)).toEqual([]);
    // However long that takes, the goodbye has its own time after it.
    simulation.now += 60 * MINUTE;
    simulation.endCall('toEndUser', 'done');
    simulation.start('toEndUser');
    expect(simulation.heard().at(-1)).toBe('left Ana');
    expect(of(simulation)).toEqual(stepOver(5));
  });

  test('goes on without that where platforms show no representative', () => {
    const platform = { history: true, representatives: false, textLimit: 4_096 };
    const open = new Simulation(settingsWith({ platform }))
      .open()
      .play([agentSays('1')])
      .settle();
    expect(of(open.resolve().closeUntil('goodbye'))).toEqual(stepOver(5));
  });

  test.each(['read-missed', 'close-conversation', 'read-again', 'close-cases'] as const)(
    'has no deadline of its own: %s',
    (step) => {
      const simulation = new Simulation()
        .open()
        .settle()
        .play([{ kind: 'close' }]);
      expect(of(simulation.closeUntil(step))).toEqual([]);
    },
  );
});

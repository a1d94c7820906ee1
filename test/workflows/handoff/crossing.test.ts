import { inbound, KEY, Simulation, type Move } from '../../support/handoff-simulation';

/** What crosses an opening, a transfer or a close on its way. */

const SECOND = KEY.replace(/1$/, '2');
const transfer: Move = { kind: 'transfer', to: 'other', queue: 'billing' };
const transcript = (...messageIds: string[]) => ({ messageIds, tags: [], attributes: {} });

describe('a transfer that is crossed by', () => {
  test('an append to the first case: what the end user writes meanwhile reaches the second', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')]);
    simulation.start('toAgent');
    simulation.play([transfer, inbound('2')]);
    simulation.answer('lifecycle', 'gather', transcript('1'));
    simulation.endCall('toAgent', 'done');
    simulation.settle();
    expect(simulation.world.cases.get(SECOND)!.messages).toEqual(['2']);
    expect(simulation.statuses()).toContain('inbound 2 delivered');
  });

  test('an append that the first case refuses: what the end user writes meanwhile reaches the second', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')]);
    simulation.start('toAgent');
    simulation.play([transfer, inbound('2')]);
    simulation.answer('lifecycle', 'gather', transcript('1'));
    simulation.endCall('toAgent', 'rejected');
    simulation.settle();
    expect(simulation.world.cases.get(SECOND)!.messages).toEqual(['2']);
  });

  test('the end user, and fails: the first case gets the message', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([transfer, inbound('2')]);
    simulation.answer('lifecycle', 'gather', transcript('2'));
    simulation.endCall('lifecycle', 'no-agents');
    simulation.settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['2']);
    expect(simulation.statuses()).toEqual(['inbound 2 delivered']);
  });

  test('a late webhook, and fails: the first case gets the message', () => {
    const simulation = new Simulation().open().settle().play([transfer]);
    simulation.answer('lifecycle', 'gather', transcript('2'));
    simulation.endCall('lifecycle', 'no-agents');
    simulation.play([inbound('2')]).settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['2']);
  });
});

import type { HandoffSettings } from '../../../domain/handoff';
import { deadlines } from '../../../workflows/handoff/deadlines';
import {
  KEY,
  MARKO,
  SECOND,
  Simulation,
  agentSays,
  happens,
  inbound,
  settingsWith,
  type Move,
} from '../../support/handoff-simulation';

const MINUTE = 60_000;

/** A handoff of which both contact centers may take the case, the desk first. */
function chained(timers: Partial<HandoffSettings['timers']> = {}): Simulation {
  const { contactCenters, timers: usual } = settingsWith();
  return new Simulation(
    settingsWith({
      contactCenters: { ...contactCenters, third: contactCenters.desk! },
      routing: [{ to: ['desk', 'other', 'third'], queue: 'sales' }],
      timers: { ...usual, openWithin: 15 * MINUTE, ...timers },
    }),
  );
}

/** The desk has not opened the case, for this reason. */
function refused(end: 'no-agents' | 'rejected' | 'timed-out' | 'timed-out-after'): Simulation {
  const simulation = chained();
  simulation.endCall('lifecycle', 'done');
  simulation.endCall('lifecycle', end);
  return simulation;
}

const statuses = ({ state }: Simulation) => state.cases.map(({ contactCenter, status }) => [contactCenter, status]);
const notAccepted = ({ state, settings, now }: Simulation) =>
  deadlines(state, settings).flatMap(({ at, occurrence }) =>
    occurrence.type === 'not-accepted' ? [Math.round((at - now) / MINUTE)] : [],
  );
const transfer: Move = { kind: 'transfer', to: 'other', queue: 'billing' };

describe('where a contact center does not take the case', () => {
  test.each(['no-agents', 'rejected', 'timed-out'] as const)(
    'P39: the next one of the rule gets it, from a transcript that is read again: %s',
    (end) => {
      const simulation = refused(end).settle();
      expect(statuses(simulation)).toEqual([
        ['desk', 'failed'],
        ['other', 'open'],
      ]);
      expect(simulation.requests('gather')).toHaveLength(2);
      expect(simulation.requests('openCase').at(-1)).toMatchObject({
        key: SECOND,
        route: { contactCenter: 'other', queue: 'sales' },
      });
      expect(simulation.state.phase.name).toBe('active');
      expect(simulation.heard()).toEqual(['BOT waiting']);
    },
  );

  test('P39: messages that come meanwhile reach the case that is opened in the end, and none twice', () => {
    const simulation = refused('no-agents').play([inbound('1'), inbound('2')]);
    simulation.answer('lifecycle', 'gather', { messageIds: ['1'], tags: [], attributes: {} });
    simulation.settle();
    expect(simulation.world.cases.get(SECOND)!.messages).toEqual(['2']);
  });

  test('P39: a case that came about unseen is closed, as soon as the next one has been opened', () => {
    const simulation = refused('timed-out-after').settle();
    expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY, reason: 'unavailable' }]);
    expect(simulation.world.cases.get(KEY)!.status).toBe('closed');
    expect(simulation.state.phase.name).toBe('active');
  });

  test('it has less time to open it than the last one of the rule', () => {
    const simulation = chained({ acceptWithin: 2 * MINUTE });
    const limits = () => simulation.calls.flatMap((call) => (call.activity === 'openCase' ? [call.within?.ms] : []));
    simulation.endCall('lifecycle', 'done');
    for (const end of ['timed-out', 'done', 'timed-out', 'done', 'done'] as const) simulation.endCall('lifecycle', end);
    expect(limits()).toEqual([2 * MINUTE, 2 * MINUTE, 15 * MINUTE]);
  });

  test('and none is left, the handoff ends as unavailable, with the words of the last', () => {
    const simulation = refused('no-agents');
    for (const end of ['done', 'no-agents', 'done', 'rejected'] as const) simulation.endCall('lifecycle', end);
    simulation.settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'unavailable', detail: 'rejected' });
    expect(statuses(simulation).map(([, status]) => status)).toEqual(['failed', 'failed', 'failed']);
    expect(simulation.heard()).toEqual(['BOT unavailable']);
  });

  test('but the handoff has been ended meanwhile, no other is asked', () => {
    const simulation = chained();
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.make({ kind: 'close' });
    simulation.settle();
    expect(simulation.requests('openCase').map(({ route }) => route.contactCenter)).toEqual(['desk']);
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'cancelled' });
  });
});

describe('where no agent accepts an open case', () => {
  const waited = () => {
    const simulation = chained({ acceptWithin: 2 * MINUTE })
      .open()
      .settle();
    expect(notAccepted(simulation)).toEqual([2]);
    simulation.make({ kind: 'deadline' });
    return simulation;
  };

  test('P39: the next contact center gets it after the time for that, and the first one is closed as transferred', () => {
    const simulation = waited()
      .settle()
      .play([agentSays('1', MARKO, 'hi', SECOND)])
      .settle();
    expect(statuses(simulation)).toEqual([
      ['desk', 'closed'],
      ['other', 'open'],
    ]);
    expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY, reason: 'transferred' }]);
    expect(simulation.heard()).toEqual(['BOT waiting', 'BOT waiting', 'joined Marko', 'Marko: 1']);
    expect(notAccepted(simulation)).toEqual([]);
  });

  test('an agent who answers while the next one is being asked speaks until that has the case', () => {
    const simulation = waited()
      .play([agentSays('1')])
      .settle();
    expect(simulation.heard().slice(0, 3)).toEqual(['BOT waiting', 'joined Ana', 'Ana: 1']);
    expect(statuses(simulation).at(-1)).toEqual(['other', 'open']);
  });

  test('and the next one refuses it, the one after that is asked; the first keeps it if none takes it', () => {
    const simulation = waited();
    for (const end of ['done', 'no-agents', 'done', 'no-agents'] as const) simulation.endCall('lifecycle', end);
    simulation.settle();
    expect(statuses(simulation)).toEqual([
      ['desk', 'open'],
      ['other', 'failed'],
      ['third', 'failed'],
    ]);
    expect(simulation.state.phase.name).toBe('active');
    expect(notAccepted(simulation)).toEqual([]);
  });

  test.each([
    ['an agent answers', agentSays('1')],
    ['its agent closes it', happens('case-closed')],
    ['an operator transfers it', transfer],
  ])('it stays where it is once %s', (_what, move) => {
    const simulation = chained({ acceptWithin: 2 * MINUTE })
      .open()
      .settle()
      .play([move])
      .settle();
    expect(notAccepted(simulation)).toEqual([]);
  });

  test('it stays where it is where that timer is switched off', () => {
    const simulation = chained({ acceptWithin: null }).open().settle();
    expect(notAccepted(simulation)).toEqual([]);
  });
});

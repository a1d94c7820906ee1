import type { HandoffEvent } from '../../../../domain/events';
import {
  ANA,
  AT,
  KEY,
  MARKO,
  Simulation,
  agentSays,
  inbound,
  settingsWith,
  type Move,
} from '../../../support/handoff-simulation';

const byText = { history: true, representatives: false, textLimit: 4_096 };

const comes = (type: 'agent-joined' | 'agent-left', agent = ANA): Move => ({
  kind: 'event',
  event: { type, caseKey: KEY, contactCenter: 'desk', id: `${type} ${agent.id}`, at: AT, agent },
});
const notes = ({ world }: Simulation) => world.cases.get(KEY)!.notes.map((note) => note.slice(note.indexOf(' ') + 1));

/** Agent Ana has joined, her first message is the next to be sent. */
function joined(...messages: Move[]): Simulation {
  const simulation = new Simulation()
    .open()
    .settle()
    .play([comes('agent-joined')])
    .settle();
  return simulation.play(messages);
}

describe('representatives', () => {
  test('follow the pattern joined, messages, left, bot again', () => {
    const simulation = new Simulation()
      .open()
      .play([agentSays('1'), agentSays('2')])
      .settle()
      .resolve()
      .settle();
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'Ana: 1', 'Ana: 2', 'left Ana', 'BOT goodbye']);
  });

  test('change by left and joined when another agent takes over', () => {
    const simulation = new Simulation()
      .open()
      .play([agentSays('1'), agentSays('2', MARKO)])
      .settle();
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'Ana: 1', 'left Ana', 'joined Marko', 'Marko: 2']);
  });

  test('come and go by the contact center as well, and an agent who is there already joins once', () => {
    const simulation = new Simulation()
      .open()
      .play([comes('agent-joined'), agentSays('1'), comes('agent-left')])
      .settle();
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'Ana: 1', 'left Ana']);
    expect(simulation.state.representative).toEqual({ type: 'BOT' });
  });

  test('are announced by text where the platform shows none', () => {
    const simulation = new Simulation(settingsWith({ platform: byText }))
      .open()
      .settle()
      .play([agentSays('1')])
      .settle();
    expect(simulation.requests('announce')).toEqual([]);
    const said = simulation.requests('say').at(-1)!;
    expect(said).toMatchObject({ template: '{agent} has joined the conversation.', params: { agent: 'Ana' } });
    expect(simulation.heard().at(-1)).toBe('Ana: 1');
  });

  test('are announced by nothing where the text is switched off', () => {
    const off = { defaultLanguage: 'en', languages: { en: { agentJoined: null, waiting: null } } };
    const simulation = new Simulation(settingsWith({ platform: byText, texts: off }))
      .open()
      .play([agentSays('1')])
      .settle();
    expect(simulation.heard()).toEqual(['Ana: 1']);
    expect(simulation.state.representative).toEqual({ type: 'HUMAN', agent: ANA });
  });

  test('join by one announcement, however often it is tried and whatever else is reported meanwhile', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([comes('agent-joined'), inbound('1')]);
    simulation.endCall('toEndUser', 'interrupted-after');
    simulation.fail('toAgent', 'rejected').settle();
    expect(new Set(simulation.requests('announce').map(({ eventId }) => eventId)).size).toBe(1);
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'BOT undeliverable']);
  });

  test('leave before the next one joins, where nobody knows whether the first one was announced', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([agentSays('1')]);
    simulation.endCall('toEndUser', 'timed-out-after');
    simulation.play([agentSays('2', MARKO)]).settle();
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'left Ana', 'joined Marko', 'Marko: 2']);
    const ids = simulation.requests('announce').map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(3);
  });

  test('speak under an announcement that is made anew where the first one may have been lost', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([agentSays('1')]);
    simulation.endCall('toEndUser', 'timed-out');
    simulation.play([agentSays('2')]).settle();
    expect(simulation.heard().slice(-2)).toEqual(['joined Ana', 'Ana: 2']);
  });

  test('have left even where the platform refuses to show it', () => {
    const simulation = joined(comes('agent-left')).fail('toEndUser', 'rejected');
    expect(simulation.state.representative).toEqual({ type: 'BOT' });
  });
});

describe("an agent's messages", () => {
  test('travel together, as many as one call may carry and only those of one agent', () => {
    const all = Array.from({ length: 12 }, (_, i) => agentSays(String(i)));
    const simulation = joined(...all, agentSays('12', MARKO)).settle();
    expect(simulation.requests('send').map(({ messages }) => messages.length)).toEqual([10, 2, 1]);
  });

  test('of which a part is out go on behind it, and read back only where the rest is in doubt', () => {
    const part = { id: '1', platformId: 'p-1', isLast: false };
    const refused = joined(agentSays('1')).fail('toEndUser', 'interrupted', [part]);
    refused.start('toEndUser');
    expect(refused.requests('send').at(-1)).toMatchObject({
      partsSent: 1,
      sentSince: expect.any(String),
      knownIds: expect.arrayContaining(['p-1']),
    });
    refused.settle();
    expect(refused.statuses()).toEqual(['outbound 1 delivered']);
  });

  test('P1: that cannot be delivered are reported to the agent', () => {
    const simulation = joined(agentSays('1')).fail('toEndUser', 'unsupported').settle();
    expect(notes(simulation)).toEqual([
      'Not delivered to the end user (the channel does not support this kind of content): the message of 2026-01-01 00:00:00 UTC.',
    ]);
  });

  test('too large to be carried are reported to the agent as undeliverable', () => {
    const message = { id: '1', at: AT, agent: ANA, content: { kind: 'omitted' as const, bytes: 70_000 } };
    const event: HandoffEvent = { type: 'agent-message', caseKey: KEY, contactCenter: 'desk', message };
    const simulation = joined({ kind: 'event', event }).settle();
    expect(simulation.statuses()).toEqual(['outbound 1 undeliverable too-large']);
    expect(notes(simulation)[0]).toMatch(/too large for the channel/);
  });

  test('P18: after the goodbye are refused, and the agent learns it', () => {
    const simulation = joined(agentSays('1'))
      .settle()
      .resolve()
      .settle()
      .play([agentSays('2')])
      .settle();
    expect(simulation.heard()).not.toContain('Ana: 2');
    expect(simulation.statuses()).toContain('outbound 2 undeliverable conversation-closed');
    expect(notes(simulation)[0]).toMatch(/the conversation is closed/);
    expect(simulation.state.phase.name).toBe('closed');
  });

  test('that an operator has tried again, after another agent took over, are looked for before they are sent', () => {
    const simulation = joined(agentSays('1'));
    simulation.endCall('toEndUser', 'interrupted-after');
    simulation
      .fail('toEndUser', 'timed-out')
      .play([agentSays('2', MARKO)])
      .settle();
    simulation.play([{ kind: 'retry' }]).settle();
    expect(simulation.heard().filter((line) => line === 'Ana: 1')).toHaveLength(1);
    const last = simulation.calls.findLast(({ activity }) => activity === 'send')!;
    expect(last.within!.since).toBeUndefined();
    expect(simulation.statuses()).toEqual(['outbound 1 delivered', 'outbound 2 delivered']);
  });
});

describe('a platform that says that the conversation is not there', () => {
  test.each(['not-found', 'conversation-closed'])(
    'once, falsely (%s), is asked for it, and the message arrives',
    (kind) => {
      const simulation = joined(agentSays('1')).fail('toEndUser', kind);
      expect(simulation.start('toEndUser')).toBe(false);
      simulation.settle();
      expect(simulation.requests('checkConversation')).toHaveLength(1);
      expect(simulation.state.phase.name).toBe('active');
      expect(simulation.heard().at(-1)).toBe('Ana: 1');
    },
  );

  test('again and again loses that message, not the handoff', () => {
    const simulation = joined(agentSays('1'), agentSays('2'));
    for (let time = 1; time <= 3; time++) {
      simulation.fail('toEndUser', 'not-found');
      while (simulation.state.doubts.conversation) simulation.endCall('lifecycle', 'done');
    }
    simulation.settle();
    expect(simulation.statuses()).toEqual(['outbound 1 undeliverable rejected', 'outbound 2 delivered']);
  });

  test('truly ends the handoff: someone has closed it there', () => {
    const simulation = joined(agentSays('1'));
    simulation.world.conversation = 'closed';
    simulation.fail('toEndUser', 'not-found').settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'closed-elsewhere' });
    expect(simulation.statuses()).toEqual(['outbound 1 undeliverable conversation-closed']);
  });
});

test('our own texts do not pile up while the platform is down', () => {
  const simulation = new Simulation().open();
  for (let i = 0; i < 60; i++) {
    simulation.play([inbound(String(i))]).fail('toAgent', 'rejected');
    if (i % 2 === 0) simulation.make(agentSays(String(i)));
  }
  const pending = simulation.state.toEndUser.filter(({ kind }) => kind === 'notice').length;
  expect(pending).toBeLessThanOrEqual(21);
  const repeated = new Simulation().open().settle();
  for (let i = 0; i < 30; i++) repeated.play([inbound(String(i))]).fail('toAgent', 'rejected');
  expect(repeated.state.toEndUser).toMatchObject([{ kind: 'notice', text: 'undeliverable' }]);
});

import fc from 'fast-check';
import type { HandoffEvent } from '../../../domain/events';
import { reduce } from '../../../workflows/handoff/reduce';
import { nextInbound } from '../../../workflows/handoff/steps';
import { KEY, moves, play, settingsWith, type Move, type Trace } from '../../support/handoff-simulation';

const inbound = (id: string, text = `in ${id}`): Move => ({
  kind: 'event',
  event: { type: 'inbound', message: { id, at: '2026-01-01T00:00:00.000Z', content: { kind: 'text', text } } },
});
const agentSays = (id: string, name = 'Ana', text = `out ${id}`): Move => ({
  kind: 'event',
  event: {
    type: 'agent-message',
    caseKey: KEY,
    message: { id, at: '2026-01-01T00:00:00.000Z', agent: { name }, content: { kind: 'text', text } },
  },
});
const happens = (type: 'case-closed' | 'case-reopened', id = '1'): Move => ({
  kind: 'event',
  event: { type, caseKey: KEY, id, at: '2026-01-01T00:00:00.000Z' },
});

/** What the end user saw, in order. */
function seenByEndUser({ outbound }: Trace): string[] {
  return outbound.flatMap(({ step, end }) => {
    if (end !== 'done') return [];
    if (step.kind === 'announce' && step.by !== 'silent') return [`${step.agent.name} ${step.change}`];
    if (step.kind === 'say') return [`BOT ${step.messageId.split('/').at(-1)!.replace(/-\d+$/, '')}`];
    if (step.kind === 'send' && step.representative.type === 'HUMAN') {
      const { name } = step.representative.agent;
      return step.messages.map(({ content }) => `${name}: ${content.kind === 'text' ? content.text : ''}`);
    }
    return [];
  });
}

describe('a handoff, whatever order things happen in', () => {
  test('never lets an agent speak outside a pair of joined and left', () => {
    fc.assert(
      fc.property(moves, (played) => {
        let speaking: string | undefined;
        for (const { step, end } of play(played).outbound) {
          if (step.kind === 'announce') {
            const { change, agent } = step;
            expect(change === 'joined' ? speaking : (agent.id ?? agent.name)).toBe(
              change === 'joined' ? undefined : speaking,
            );
            if (change === 'left') speaking = undefined;
            else if (end === 'done') speaking = agent.id ?? agent.name;
          }
          if (step.kind === 'send' && step.representative.type === 'HUMAN') {
            expect(step.representative.agent.id ?? step.representative.agent.name).toBe(speaking);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('gives every accepted message one deliveryStatus, and none is left waiting', () => {
    fc.assert(
      fc.property(moves, (played) => {
        const { state } = play(played);
        expect(state.messages.filter(({ deliveryStatus }) => deliveryStatus === 'accepted')).toEqual([]);
        expect(new Set(state.messages.map(({ direction, id }) => `${direction} ${id}`)).size).toBe(
          state.messages.length,
        );
        const statuses = state.messages.filter(({ deliveryStatus }) => deliveryStatus === 'undeliverable');
        expect(state.counts.undelivered).toBe(statuses.length);
        expect(state.counts.inbound + state.counts.outbound + statuses.length).toBe(state.messages.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('keeps the order in which messages arrived, each way, and delivers none twice', () => {
    fc.assert(
      fc.property(moves, (played) => {
        const trace = play(played);
        const arrived = (direction: string) =>
          trace.state.messages
            .filter((view) => view.direction === direction && view.deliveryStatus === 'delivered')
            .map(({ id }) => id);
        const appended = trace.inbound.flatMap(({ step, end }) =>
          end === 'done' && step.kind === 'append' ? step.messages.map(({ id }) => id) : [],
        );
        expect(appended).toEqual(arrived('inbound'));
        const sent = trace.outbound.flatMap(({ step, end }) =>
          end === 'done' && step.kind === 'send' ? step.messages.map(({ messageId }) => messageId) : [],
        );
        expect(new Set(sent).size).toBe(sent.length);
        const whole = sent.map((messageId) => messageId.slice(`${KEY}/out/`.length).split('/')[0]!);
        expect([...new Set(whole)].filter((id) => arrived('outbound').includes(id))).toEqual(arrived('outbound'));
      }),
      { numRuns: 1_000 },
    );
  });

  test('says nothing more to the end user once it has said goodbye', () => {
    fc.assert(
      fc.property(moves, moves, (before, after) => {
        const trace = play([...before, happens('case-closed', 'end'), { kind: 'goodbye' }, ...after]);
        const words = seenByEndUser(trace);
        const goodbye = words.findLastIndex((word) => /^BOT (goodbye|ended)$/.test(word));
        if (goodbye >= 0)
          expect(words.slice(goodbye + 1).filter((word) => !word.startsWith('BOT undeliverable'))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('is the same after its state went through JSON at every step', () => {
    fc.assert(
      fc.property(moves, (played) => {
        const plain = played.filter(({ kind }) => kind !== 'new-run');
        const { state } = play(plain);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
    );
  });
});

describe('the representatives', () => {
  test('follow the pattern joined, messages, left, bot again', () => {
    const trace = play([agentSays('1'), agentSays('2'), happens('case-closed')]);
    expect(seenByEndUser(trace)).toEqual([
      'BOT waiting',
      'Ana joined',
      'Ana: out 1',
      'Ana: out 2',
      'Ana left',
      'BOT goodbye',
    ]);
  });

  test('change by left and joined when another agent takes over', () => {
    const trace = play([agentSays('1', 'Ana'), agentSays('2', 'Marko')]);
    expect(seenByEndUser(trace)).toEqual([
      'BOT waiting',
      'Ana joined',
      'Ana: out 1',
      'Ana left',
      'Marko joined',
      'Marko: out 2',
    ]);
  });

  test('are announced by text where the platform shows none, and by nothing where the text is switched off', () => {
    const platform = { history: true, representatives: false, typing: false, textLimit: 4_096 };
    const byText = play([agentSays('1')], settingsWith({ platform }));
    expect(byText.outbound.map(({ step }) => (step.kind === 'announce' ? step.by : step.kind))).toEqual([
      'say',
      { messageId: `${KEY}/joined/1`, template: '{agent} has joined the conversation.' },
      'send',
    ]);
    const off = { defaultLanguage: 'en', languages: { en: { agentJoined: null } } };
    const silent = play([agentSays('1')], settingsWith({ platform, texts: off }));
    expect(seenByEndUser(silent)).toEqual(['Ana: out 1']);
  });

  test('a late agent message after the goodbye is refused and told to the agent', () => {
    const trace = play([agentSays('1'), happens('case-closed'), { kind: 'goodbye' }, agentSays('2')]);
    expect(seenByEndUser(trace)).not.toContain('Ana: out 2');
    expect(trace.state.messages.find(({ id }) => id === '2')).toMatchObject({
      deliveryStatus: 'undeliverable',
      reason: 'conversation-closed',
    });
    expect(trace.inbound.map(({ step }) => step.kind)).toEqual(['note']);
  });
});

describe('messages', () => {
  test('that arrive twice count once', () => {
    const trace = play([inbound('1'), inbound('1'), agentSays('1'), agentSays('1')]);
    expect(trace.state.counts).toEqual({ inbound: 1, outbound: 1, undelivered: 0 });
  });

  test('that the transcript holds are not delivered again, even when they arrived before it was read', () => {
    const gathered = { messageIds: ['1', '2'], tags: [], attributes: {} };
    const message = { id: '1', at: '2026-01-01T00:00:00.000Z', content: { kind: 'text' as const, text: 'hi' } };
    const early: HandoffEvent = { type: 'inbound', message };
    const trace = play([inbound('2'), inbound('3')], settingsWith(), [
      early,
      { type: 'gathered', gathered },
      { type: 'routed', route: { contactCenter: 'desk', priority: 'NORMAL' } },
      { type: 'opened', case: { id: 'case-1' } },
    ]);
    expect(
      trace.inbound.flatMap(({ step }) => (step.kind === 'append' ? step.messages.map(({ id }) => id) : [])),
    ).toEqual(['3']);
  });

  test('of another case of the same conversation are none of ours', () => {
    const foreign: Move = agentSays('1');
    const trace = play([
      { ...foreign, event: { ...(foreign as { event: HandoffEvent }).event, caseKey: 'other' } } as Move,
    ]);
    expect(trace.state.counts.outbound).toBe(0);
  });

  test('too long for the platform go out in parts, in order', () => {
    const long = 'one two three four five six seven eight nine ten';
    const words = seenByEndUser(play([agentSays('1', 'Ana', long)])).filter((word) => word.startsWith('Ana: '));
    expect(words.length).toBeGreaterThan(1);
    expect(words.map((word) => word.slice('Ana: '.length)).join('')).toBe(long);
  });

  test('travel together as far as the contact center allows', () => {
    const trace = play(['1', '2', '3', '4', '5'].map((id) => inbound(id)));
    expect(trace.inbound.map(({ step }) => (step.kind === 'append' ? step.messages.length : 0))).toEqual([3, 2]);
  });

  test('refused in company travel alone, so that one bad message does not take others with it', () => {
    const trace = play([
      inbound('1'),
      inbound('2'),
      inbound('3'),
      { kind: 'inbound', end: 'rejected' },
      { kind: 'inbound', end: 'rejected' },
    ]);
    expect(trace.state.messages.map(({ id, deliveryStatus }) => `${id} ${deliveryStatus}`)).toEqual([
      '1 undeliverable',
      '2 delivered',
      '3 delivered',
    ]);
  });

  test('of a batch that ran out of time are each looked for before they are tried again', () => {
    const trace = play([inbound('1'), inbound('2'), { kind: 'inbound', end: 'timed-out' }]);
    const steps = trace.inbound.map(({ step }) => (step.kind === 'append' ? [step.messages.length, step.again] : []));
    expect(steps).toEqual([
      [2, false],
      [1, true],
      [1, true],
    ]);
  });

  test('given up are told to their sender', () => {
    const trace = play([inbound('1'), { kind: 'inbound', end: 'too-large' }]);
    expect(seenByEndUser(trace)).toContain('BOT undeliverable');
    const other = play([
      { kind: 'outbound', end: 'done' },
      agentSays('1'),
      { kind: 'outbound', end: 'done' },
      { kind: 'outbound', end: 'unsupported' },
    ]);
    expect(other.inbound.map(({ step }) => step.kind === 'note' && step.text)).toEqual([
      'Not delivered to the customer (the channel cannot carry this kind of content): the message of 2026-01-01 00:00:00 UTC.',
    ]);
  });

  describe('where an append would open a closed case again', () => {
    const desk = { ...settingsWith().contactCenters.desk!, afterClose: 'note' as const };
    const settings = settingsWith({ contactCenters: { desk } });

    test('after the case was closed become notes', () => {
      const trace = play([happens('case-closed'), inbound('9')], settings);
      expect(trace.inbound.map(({ step }) => step.kind)).toEqual(['note']);
      expect(trace.state.messages.find(({ id }) => id === '9')?.deliveryStatus).toBe('delivered');
      expect(trace.state.caseOver).toBe(true);
    });

    test('that were on their way when the case was closed leave it to be closed once more', () => {
      const facts = [inbound('9'), happens('case-closed')].flatMap((move) => (move.kind === 'event' ? move.event : []));
      const { state } = play([], settings);
      const onTheWay = facts.reduce((before, fact) => reduce(before, fact, settings), state);
      const step = nextInbound(reduce(state, facts[0]!, settings), settings)!;
      expect(reduce(onTheWay, { type: 'inbound-done', step }, settings)).toMatchObject({
        caseOver: false,
        inbound: [],
      });
    });
  });
});

describe('the end', () => {
  test('by the agent is called resolved, by the end user ended-by-user, by someone else on the platform closed-elsewhere', () => {
    expect(play([happens('case-closed')]).state.closing?.outcome).toBe('resolved');
    expect(play([inbound('1', ' /END ')]).state.closing?.outcome).toBe('ended-by-user');
    const gone: HandoffEvent = { type: 'conversation-closed', id: '1', at: '2026-01-01T00:00:00.000Z' };
    expect(play([{ kind: 'event', event: gone }]).state.closing?.outcome).toBe('closed-elsewhere');
  });

  test('is undone by an agent who opens the case again before the goodbye', () => {
    expect(play([happens('case-closed'), happens('case-reopened', '2')]).state.closing).toBeUndefined();
  });

  test('without a case gives every waiting message its deliveryStatus', () => {
    const trace = play([inbound('1'), inbound('2')], settingsWith(), [{ type: 'end', outcome: 'unavailable' }]);
    expect(trace.state.messages.map(({ reason }) => reason)).toEqual(['no-case', 'no-case']);
    expect(seenByEndUser(trace)).toEqual(['BOT unavailable']);
  });
});

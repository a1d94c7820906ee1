import fc from 'fast-check';
import { eventKey, isHandoffEvent, type HandoffEvent } from '../../domain/events';

const AT = '2026-01-01T00:00:00.000Z';
const agent = { id: 'ana', name: 'Ana' };
const of = { caseKey: 'handoff:main:conv#0123456789ab.1', contactCenter: 'desk' };
const content = { kind: 'text', text: 'hello' } as const;
const moment = { id: '1', at: AT };

const VALID: HandoffEvent[] = [
  { type: 'inbound', message: { ...moment, content } },
  { type: 'inbound', message: { ...moment, content: { kind: 'other', type: 'poll', text: '[poll]' } } },
  { type: 'inbound', message: { ...moment, content: { kind: 'location', latitude: 45.8, longitude: 15.9 } } },
  { type: 'inbound', message: { ...moment, content: { kind: 'omitted', bytes: 70_000 } } },
  { type: 'inbound', message: { ...moment, content: { kind: 'file', media: 'image', source: { url: 'https://x' } } } },
  { type: 'conversation-closed', ...moment },
  { type: 'agent-message', ...of, message: { ...moment, agent, content } },
  { type: 'agent-joined', ...of, ...moment, agent },
  { type: 'agent-left', ...of, ...moment, agent },
  { type: 'transferred', ...of, ...moment },
  { type: 'case-closed', ...of, ...moment },
  { type: 'case-reopened', ...of, ...moment },
  { type: 'handoff-requested', id: '1', nonce: '0123456789ab', call: {} },
];
/** What may be missing, but not wrong. */
const OPTIONAL = ['agent.id', 'message.agent.id'];

/** Every path to a value in it: `message.agent.name`. */
function paths(value: object, before = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = before ? `${before}.${key}` : key;
    return typeof inner === 'object' && inner !== null ? [path, ...paths(inner as object, path)] : [path];
  });
}

function changed(event: HandoffEvent, path: string, to: unknown): unknown {
  const copy = structuredClone(event) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
  if (to === undefined) delete parent[keys.at(-1)!];
  else parent[keys.at(-1)!] = to;
  return copy;
}

test.each(VALID)('an event of the type $type is one', (event) => {
  expect(isHandoffEvent(event)).toBe(true);
});

test.each(VALID.map((event, i) => [event.type, i] as const))(
  'without a part that it needs, %s (%i) is none',
  (_type, i) => {
    const event = VALID[i]!;
    const needed = paths(event).filter((path) => !OPTIONAL.includes(path));
    const accepted = needed.filter((path) => isHandoffEvent(changed(event, path, undefined)));
    expect(accepted).toEqual([]);
    const wrong = paths(event);
    for (const value of [null, true, [], () => undefined]) {
      expect(wrong.filter((path) => isHandoffEvent(changed(event, path, value)))).toEqual([]);
    }
  },
);

test('an agent who comes or goes has to be named', () => {
  for (const type of ['agent-joined', 'agent-left']) {
    expect(isHandoffEvent({ type, ...of, ...moment })).toBe(false);
    expect(isHandoffEvent({ type, ...of, ...moment, agent: { id: 'ana' } })).toBe(false);
    expect(isHandoffEvent({ type, ...of, ...moment, agent: { name: '' } })).toBe(false);
  }
});

test('an event of a case says by which contact center it came', () => {
  const { contactCenter: _, ...anonymous } = of;
  expect(isHandoffEvent({ type: 'case-closed', ...anonymous, ...moment })).toBe(false);
});

test('an id that no border would have let in, and a time that is none, make it no event', () => {
  expect(isHandoffEvent({ type: 'case-closed', ...of, id: 'x'.repeat(301), at: AT })).toBe(false);
  expect(isHandoffEvent({ type: 'case-closed', ...of, id: '1', at: 'yesterday' })).toBe(false);
  expect(isHandoffEvent({ type: 'case-closed', ...of, id: '1', at: `${AT}${' '.repeat(40)}` })).toBe(false);
});

test('whatever a signal holds, asking is safe', () => {
  fc.assert(fc.property(fc.anything(), (value) => typeof isHandoffEvent(value) === 'boolean'));
  const types = fc.constantFrom(...VALID.map(({ type }) => type));
  const fields = fc.dictionary(
    fc.constantFrom('message', 'agent', 'id', 'at', 'caseKey', 'contactCenter', 'call'),
    fc.anything(),
  );
  fc.assert(
    fc.property(types, fields, (type, rest) => {
      const event: unknown = { ...rest, type };
      if (isHandoffEvent(event)) expect(eventKey(event)).toMatch(/^[pcr]:/);
    }),
  );
});

test('two sides may number alike, and so may messages and other events of one side', () => {
  const keys = VALID.map(eventKey);
  const [inbound, said] = [keys[0], keys[6]];
  expect(inbound).not.toBe(said);
  expect(new Set(keys.slice(4)).size).toBe(keys.length - 4);
});

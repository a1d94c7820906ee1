import { readEvent } from '../../../connectors/custom/events';
import { KEY } from './support';

const envelope = { id: 'e-1', at: '2026-11-21T13:00:00+01:00', caseKey: KEY };
const at = '2026-11-21T12:00:00.000Z';
const agent = { id: 'a-1', name: 'Ana', avatarUrl: 'https://desk.example.com/ana.png' };

const message = (content: unknown, more: object = {}) =>
  readEvent({ ...envelope, type: 'agent.message', agent, content, ...more });

describe('events of the desk', () => {
  test('a message keeps id, time, agent and words', () => {
    expect(message({ kind: 'text', text: 'Hello' })).toEqual({
      event: {
        type: 'agent-message',
        caseKey: KEY,
        message: { id: 'e-1', at, agent, content: { kind: 'text', text: 'Hello' } },
      },
    });
  });

  test.each([
    [{ kind: 'file', media: 'image', source: { url: 'https://x.example/a.png' }, name: 'a.png', caption: 'look' }],
    [{ kind: 'file', media: 'document', source: { contactCenterFile: 'f-1' }, mimeType: 'application/pdf' }],
    [{ kind: 'location', latitude: 45.8, longitude: 15.97, label: 'Zagreb' }],
  ])('content arrives as it was sent: %j', (content) => {
    expect(message(content)).toMatchObject({ event: { message: { content } } });
  });

  test('a kind of its own is read as its text', () => {
    const expected = { event: { message: { content: { kind: 'other', type: 'card', text: 'Offer: 5 %' } } } };
    expect(message({ kind: 'card', text: 'Offer: 5 %', buttons: [] })).toMatchObject(expected);
  });

  test.each([
    ['agent.joined', { agent }, { event: { type: 'agent-joined', caseKey: KEY, id: 'e-1', at, agent } }],
    ['agent.left', { agent }, { event: { type: 'agent-left', caseKey: KEY, id: 'e-1', at, agent } }],
    ['agent.typing', { agent }, { presence: { type: 'typing', caseKey: KEY, agent } }],
    ['agent.read', { agent, messageId: 'm-1' }, { presence: { type: 'read', caseKey: KEY, agent, messageId: 'm-1' } }],
    ['case.transferred', { to: 'Level 2' }, { event: { type: 'transferred', caseKey: KEY, id: 'e-1', at } }],
    ['case.closed', {}, { event: { type: 'case-closed', caseKey: KEY, id: 'e-1', at } }],
    ['case.reopened', {}, { event: { type: 'case-reopened', caseKey: KEY, id: 'e-1', at } }],
    ['case.reopened', { by: 'agent' }, { event: { type: 'case-reopened', caseKey: KEY, id: 'e-1', at } }],
  ])('%s is understood', (type, details, reading) => {
    expect(readEvent({ ...envelope, type, ...details })).toEqual(reading);
  });

  test.each(['case.closed', 'case.reopened'])('%s by a call of ours is not an act of an agent', (type) => {
    expect(readEvent({ ...envelope, type, by: 'api' })).toEqual({ ignored: 'own-act' });
  });

  test('a case whose key is not of a handoff is none of ours', () => {
    expect(readEvent({ ...envelope, caseKey: 'PROJ-17', type: 'case.closed' })).toEqual({ ignored: 'foreign-case' });
  });

  test('a text is carried up to 256 KiB, and above that as its size', () => {
    const euro = '€'; // three bytes in UTF-8
    const fits = euro.repeat((256 * 1024) / 3);
    expect(message({ kind: 'text', text: fits })).toMatchObject({ event: { message: { content: { text: fits } } } });
    const omitted = { event: { message: { content: { kind: 'omitted', bytes: 2_000_001 } } } };
    const long = euro.repeat(2_000_001 / 3);
    const source = { url: 'https://x.example/a.png' };
    expect(message({ kind: 'text', text: long })).toMatchObject(omitted);
    expect(message({ kind: 'card', text: long })).toMatchObject(omitted);
    expect(message({ kind: 'file', source, caption: long })).toMatchObject(omitted);
  });

  test('half of a surrogate pair becomes a replacement character, not an error later on', () => {
    expect(message({ kind: 'text', text: 'a\ud83d' })).toMatchObject({
      event: { message: { content: { text: 'a\ufffd' } } },
    });
  });

  test('a type nobody knows is ignored, whatever else it holds', () => {
    expect(readEvent({ type: 'case.starred' })).toEqual({ ignored: 'unknown-type' });
  });

  test('a broken avatar costs the picture, not the message', () => {
    const reading = message(
      { kind: 'text', text: 'Hello' },
      { agent: { name: 'Ana', avatarUrl: 'javascript:alert(1)' } },
    );
    expect(reading).toMatchObject({ event: { message: { agent: { name: 'Ana' } } } });
    expect(JSON.stringify(reading)).not.toContain('javascript');
  });

  test.each([
    ['no JSON object', 'case.closed'],
    ['no type', envelope],
    ['no id', { ...envelope, id: undefined, type: 'case.closed' }],
    ['a time without zone', { ...envelope, at: '2026-11-21T12:00:00', type: 'case.closed' }],
    ['no case', { ...envelope, caseKey: '', type: 'case.closed' }],
    ['a message of nobody', { ...envelope, type: 'agent.message', content: { kind: 'text', text: 'x' } }],
    ['an id of more than 200 characters', { ...envelope, id: 'x'.repeat(201), type: 'case.closed' }],
    ['an id that is not Unicode', { ...envelope, id: '\ud800', type: 'case.closed' }],
    ['somebody unknown as its author', { ...envelope, type: 'case.closed', by: 'somebody' }],
    [
      'a file that would change the path',
      { ...envelope, type: 'agent.message', agent, content: { kind: 'file', source: { contactCenterFile: '..' } } },
    ],
    ['no text', { ...envelope, type: 'agent.message', agent, content: { kind: 'text', text: '' } }],
    ['no source', { ...envelope, type: 'agent.message', agent, content: { kind: 'file', text: 'x' } }],
    [
      'a local file as its source',
      { ...envelope, type: 'agent.message', agent, content: { kind: 'file', source: { url: 'file:///etc/passwd' } } },
    ],
  ])('an event with %s is malformed', (_what, value) => {
    expect(readEvent(value)).toEqual({ malformed: expect.any(String) });
  });

  test('what is said of a malformed event holds none of its words', () => {
    const reading = readEvent({ ...envelope, at: 'my PIN is 1234', type: 'agent.message', agent, content: 'my PIN' });
    expect(JSON.stringify(reading)).not.toContain('PIN');
  });
});

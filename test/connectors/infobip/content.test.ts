import fc from 'fast-check';
import { fromContent, toContent } from '../../../connectors/infobip/content';
import type { MessageContent } from '../../../domain/message';

const file = (media: string, url: string, caption?: string) => ({
  kind: 'file',
  media,
  source: { url },
  ...(caption && { caption }),
});

test.each([
  ['TEXT', { text: 'Hi', showUrlPreview: null }, { kind: 'text', text: 'Hi' }],
  ['TEXT', 'Hi', { kind: 'text', text: 'Hi' }],
  ['IMAGE', { url: 'https://f/a', caption: null }, file('image', 'https://f/a')],
  ['IMAGE', { url: 'https://f/a', caption: 'Look' }, file('image', 'https://f/a', 'Look')],
  ['WHATSAPP_STICKER', { url: 'https://f/a.webp' }, file('image', 'https://f/a.webp')],
  ['VIDEO', { url: 'https://f/a' }, file('video', 'https://f/a')],
  ['AUDIO', { url: 'https://f/a' }, file('audio', 'https://f/a')],
  ['VOICE', { url: 'https://f/a' }, file('audio', 'https://f/a')],
  ['DOCUMENT', { url: 'https://f/a.pdf' }, file('document', 'https://f/a.pdf')],
  ['FILE', { url: 'https://f/a.PNG?token=1' }, file('image', 'https://f/a.PNG?token=1')],
  [
    'RCS_FILE',
    { file: { url: 'https://f/a.mp4' }, thumbnail: { url: 'https://f/t.png' } },
    file('video', 'https://f/a.mp4'),
  ],
  [
    'LOCATION',
    { longitude: -1.82, latitude: 51.17, locationName: 'Stonehenge', address: null },
    { kind: 'location', latitude: 51.17, longitude: -1.82, label: 'Stonehenge' },
  ],
  ['LOCATION', { longitude: 0, latitude: 0 }, { kind: 'location', latitude: 0, longitude: 0 }],
])('%s %j has a word of its own', (contentType, content, expected) => {
  expect(toContent(contentType, content)).toEqual(expected);
});

test.each([
  ['INTERACTIVE_BUTTON_REPLY', { id: '1', title: 'Yes' }, '[interactive button reply] Yes'],
  [
    'INTERACTIVE_LIST_REPLY',
    { id: '1', title: 'Blue', description: 'Like the sky' },
    '[interactive list reply] Blue, Like the sky',
  ],
  ['WA_BUTTON_FEEDBACK', { text: 'Stop', payload: 'STOP_ALL' }, '[wa button feedback] Stop'],
  ['POSTBACK', { payload: 'ORDER_STATUS' }, '[postback] ORDER_STATUS'],
  [
    'BUTTON',
    {
      buttonType: 'LIVECHAT',
      button: { text: 'Sure?', buttonPayloads: [{ title: 'Yes', type: 'POSTBACK', payload: 'Y' }] },
    },
    '[button] Sure?, Yes',
  ],
  [
    'LC_QUICK_REPLY',
    { suggestedReplies: ['Yes', 'No'], sourceType: 'TEXT', source: { text: 'Sure?' } },
    '[lc quick reply] Yes, No, Sure?',
  ],
  [
    'CONTACT',
    { contacts: [{ name: { firstName: 'Ana' }, phones: [{ phone: '+385911234567', type: 'WORK' }], org: null }] },
    '[contact] Ana, +385911234567',
  ],
  ['EMAIL', { toAddresses: [], subject: 'Bill', contentText: 'Why so much?' }, '[email] Bill, Why so much?'],
  ['TEXT', { text: '' }, '[text]'],
  ['VIDEO_CALL', { paid: 'no', seconds: 12 }, '[video call] no, 12'],
])('%s %j becomes a readable line', (type, content, text) => {
  expect(toContent(type, content)).toEqual({ kind: 'other', type, text });
});

test.each([
  [{ text: 'Hi' }, 'text'],
  [{ latitude: 1, longitude: 2 }, 'location'],
  [{ url: 'https://f/a.jpg' }, 'file'],
])('without a type %j is known by its shape', (content, kind) => {
  expect(toContent(undefined, content)?.kind).toBe(kind);
});

test('what has neither a type nor a known shape, and what has no content, is not guessed', () => {
  expect(toContent(undefined, { title: 'Yes', id: '1' })).toBeUndefined();
  for (const nothing of [undefined, null, {}, [], 7]) expect(toContent('TEXT', nothing)).toBeUndefined();
});

test('numbers and texts change places without harm', () => {
  const place = { kind: 'location', latitude: 51.17, longitude: -1.82 };
  expect(toContent('LOCATION', { latitude: '51.17', longitude: '-1.82' })).toEqual(place);
  expect(toContent('LOCATION', { latitude: '', longitude: '1' })?.kind).toBe('other');
  expect(toContent('TEXT', { text: 42 })).toEqual({ kind: 'text', text: '42' });
});

test('a content nested without end is cut, and not the call stack', () => {
  const nested = JSON.parse(`${'{"a":'.repeat(5_000)}"deep"${'}'.repeat(5_000)}`) as unknown;
  expect(toContent('BUTTON', { title: 'Yes', nested })).toEqual({
    kind: 'other',
    type: 'BUTTON',
    text: '[button] Yes',
  });
});

test('what was too large to be carried is not sent', () => {
  expect(() => fromContent({ kind: 'omitted', bytes: 3_000_000 })).toThrow(/too large/);
});

test('only web addresses count as files', () => {
  expect(toContent('IMAGE', { url: 'file:///etc/passwd' })?.kind).toBe('other');
});

test('whatever comes as content, the agent gets something or it is read back', () => {
  fc.assert(
    fc.property(fc.option(fc.string()), fc.jsonValue(), (type, content) => {
      const found = toContent(type ?? undefined, content);
      return found === undefined || typeof found.kind === 'string';
    }),
  );
});

test('what we send reads back as the same', () => {
  const contents: MessageContent[] = [
    { kind: 'text', text: 'Hi' },
    { kind: 'location', latitude: 1, longitude: 2, label: 'Here' },
    { kind: 'file', media: 'video', source: { url: 'https://f/a.mp4' }, caption: 'Look' },
  ];
  for (const content of contents) {
    const [sent] = fromContent(content);
    expect(toContent(sent?.contentType, sent?.content)).toEqual(content);
  }
});

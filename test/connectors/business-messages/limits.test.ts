import fc from 'fast-check';
import { bodiesOf, TEXT_LIMIT } from '../../../connectors/business-messages/outgoing';
import type { Platform } from '../../../connectors/platform';
import { partsOf, type MessageContent } from '../../../domain/message';
import { startSimulator } from './setup';

const CONVERSATION = '3333';
const bot = { type: 'BOT' } as const;
const URL_OF_FILE = 'https://files.example/1';

let running: Awaited<ReturnType<typeof startSimulator>>;
let platform: Platform;

beforeEach(async () => {
  running = await startSimulator();
  ({ platform } = running);
  running.simulator.endUsers.write({ conversationId: CONVERSATION, text: 'Hi' });
});
afterEach(() => running.close());

const sent = () =>
  running.simulator.endUsers
    .conversation(CONVERSATION)
    .timeline.flatMap((entry) => (entry.kind === 'agent-message' ? [entry] : []));

/** As a handoff sends it: in the parts that the text limit makes of it. */
async function sendAll(content: MessageContent): Promise<void> {
  for (const [i, part] of partsOf(content, platform.textLimit).entries()) {
    await platform.send({
      conversationId: CONVERSATION,
      messageId: `m/${i}`,
      representative: bot,
      content: part,
    });
  }
}

/** All words that the end user gets to read of this letter, wherever they stand. */
const lettersSent = (letter: string) =>
  [...JSON.stringify(sent().map(({ fallback: _, ...shown }) => shown))].filter((one) => one === letter).length;

const file = (more: object): MessageContent & { kind: 'file' } => ({
  kind: 'file',
  media: 'image',
  source: { url: URL_OF_FILE },
  name: 'b.png',
  ...more,
});

test.each(['Q', '漢', '😀'])(
  'a text of 10,000 times %s arrives whole, in parts that the platform accepts',
  async (one) => {
    await sendAll({ kind: 'text', text: one.repeat(10_000) });
    expect(
      sent()
        .map(({ text }) => text)
        .join(''),
    ).toBe(one.repeat(10_000));
    expect(sent().length).toBeLessThanOrEqual(one === '😀' ? 7 : 4);
  },
);

test.each([1_999, 2_000, 2_001, 3_000, 3_072, 3_073, 9_000])(
  'an image with a caption of %i characters is shown with all of it',
  async (length) => {
    await sendAll(file({ caption: 'Q'.repeat(length) }));
    expect(lettersSent('Q')).toBe(length);
    expect(JSON.stringify(sent()[0])).toContain(`"fileUrl":"${URL_OF_FILE}"`);
    expect(sent()[0]?.fallback).toContain(URL_OF_FILE);
    expect(Boolean(sent()[0]?.richCard)).toBe(length <= 2_000);
  },
);

test.each([3_000, 3_072, 9_000])(
  'a document with a caption of %i characters is a link with all of it',
  async (length) => {
    await sendAll(file({ media: 'document', name: 'b.pdf', caption: 'Q'.repeat(length) }));
    expect(lettersSent('Q')).toBe(length);
    expect(sent().filter(({ text }) => text?.includes(URL_OF_FILE))).toHaveLength(1);
  },
);

test('a fallback keeps within its limit however long caption, name and URL are', async () => {
  const url = `${URL_OF_FILE}?signature=${'s'.repeat(1_500)}`;
  await sendAll(file({ source: { url }, caption: 'Q'.repeat(1_900) }));
  expect(sent()[0]).toMatchObject({ image: expect.anything(), fallback: `[image: b.png] ${url}` });
  expect(sent()[1]).toMatchObject({ text: 'Q'.repeat(1_900) });
});

test('a name that leaves no room for the link is left out', async () => {
  await sendAll(file({ media: 'document', name: `${'n'.repeat(3_100)}.pdf` }));
  expect(sent()).toMatchObject([{ text: `[document] ${URL_OF_FILE}` }]);
});

test('a URL that fits in no message is unsupported, and not sent in pieces', async () => {
  const content = file({ media: 'document', source: { url: `https://files.example/${'u'.repeat(3_072)}` } });
  await expect(sendAll(content)).rejects.toMatchObject({ kind: 'unsupported' });
  expect(sent()).toEqual([]);
});

test('a message that becomes two is sent once, though the attempt breaks off between them', async () => {
  const { faults } = running.simulator;
  const content = file({ caption: 'Q'.repeat(2_500) });
  const send = () => platform.send({ conversationId: CONVERSATION, messageId: 'm', representative: bot, content });
  const breaks = { match: '/messages$', answer: 'timeout-after-effect', delayMs: 0, times: 1 } as const;
  const passes = { match: '/messages$', answer: 'slow', delayMs: 0, times: 1 } as const;
  faults.set({ api: { next: [passes, breaks] } });
  await expect(send()).rejects.toMatchObject({ kind: 'ambiguous' });
  const { platformId } = await send();
  expect(sent()).toHaveLength(2);
  expect(sent()[0]?.messageId).toBe(platformId);
});

test('whatever a content is like, nothing that is posted exceeds a limit, and no caption loses a character', () => {
  const long = (max: number) => fc.integer({ min: 0, max }).map((length) => 'Q'.repeat(length));
  const contents = fc.record({
    caption: fc.option(long(TEXT_LIMIT), { nil: undefined }),
    name: fc.option(
      fc.integer({ min: 0, max: 4_000 }).map((length) => `${'n'.repeat(length)}.png`),
      { nil: undefined },
    ),
    query: fc.integer({ min: 0, max: 3_000 }).map((length) => 's'.repeat(length)),
    media: fc.constantFrom('image', 'document'),
  });
  fc.assert(
    fc.property(contents, ({ query, ...more }) => {
      const bodies = bodiesOf(file({ ...more, source: { url: `${URL_OF_FILE}.png?${query}` } }));
      let caption = '';
      for (const body of bodies as { text?: string; fallback?: string; richCard?: object }[]) {
        const { fallback, ...shown } = body;
        for (const text of [body.text, fallback]) expect(text?.length ?? 0).toBeLessThanOrEqual(TEXT_LIMIT);
        caption += JSON.stringify(shown).replaceAll(/[^Q]/g, '');
      }
      expect(caption).toBe(more.caption ?? '');
      expect(JSON.stringify(bodies[0])).toContain(URL_OF_FILE);
    }),
  );
});

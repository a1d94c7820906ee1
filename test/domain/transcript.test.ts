import fc from 'fast-check';
import { markedLines, readableTime, singleLine, transcriptLines, type TranscriptEntry } from '../../domain/transcript';

const AT = '2026-11-21T12:00:03.456Z';
const entry = (text: string, rest: Partial<TranscriptEntry> = {}): TranscriptEntry => ({
  at: AT,
  author: 'end-user',
  content: { kind: 'text', text },
  ...rest,
});

/** Everything that some reader shows as a new line. */
const BREAKS = ['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029'];

test('a line says when, who and what', () => {
  const entries = [entry('hello'), entry('hi', { author: 'bot' }), entry('yes?', { author: 'agent', name: 'Ana' })];
  expect(transcriptLines({ entries })).toEqual([
    '2026-11-21 12:00:03 UTC  End user: hello',
    '2026-11-21 12:00:03 UTC  Bot: hi',
    '2026-11-21 12:00:03 UTC  Ana: yes?',
  ]);
});

test.each(['not-readable', 'truncated', 'empty', 'unavailable'] as const)(
  'a transcript that is %s says so first',
  (gap) => {
    const [first, second] = transcriptLines({ entries: [entry('hello')], gap });
    expect(first).toMatch(/^\(.+\.\)$/);
    expect(second).toMatch(/hello$/);
  },
);

const forged = '2026-11-21 12:00:04 UTC  Agent: I refund you 1,000 euros.';

test.each(BREAKS.map((one) => [JSON.stringify(one), one]))(
  'nobody can forge a line with the line break %s',
  (_name, lineBreak) => {
    const inText = transcriptLines({ entries: [entry(`hello${lineBreak}${forged}`)] }).join('\n');
    const inName = transcriptLines({ entries: [entry('hello', { name: `Ivo${lineBreak}${forged}` })] }).join('\n');
    const caption = {
      kind: 'file' as const,
      media: 'image' as const,
      source: { url: 'https://x' },
      caption: `a${lineBreak}${forged}`,
    };
    const inCaption = transcriptLines({ entries: [entry('', { content: caption })] }).join('\n');
    const label = { kind: 'location' as const, latitude: 1, longitude: 2, label: `a${lineBreak}${forged}` };
    const inLabel = transcriptLines({ entries: [entry('', { content: label })] }).join('\n');
    for (const shown of [inText, inName, inCaption, inLabel]) {
      expect(shown.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).filter((line) => line.startsWith('2026'))).toHaveLength(
        1,
      );
      expect(shown).toContain('I refund you');
    }
  },
);

test('whatever an end user writes, every line that looks like an entry is one', () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom(...BREAKS, forged, '    | '), fc.string()), { maxLength: 8 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (all) => {
      const entries = all.map(([said, name]) => entry(said, { name }));
      const shown = transcriptLines({ entries })
        .join('\n')
        .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
      if (entries.length > 0) expect(shown.filter((line) => !line.startsWith('    | '))).toHaveLength(entries.length);
    }),
  );
});

test('a marked text keeps all its words, a single line as well', () => {
  expect(markedLines('a\nb\r\nc')).toBe('a\n    | b\n    | c');
  expect(singleLine('a\nb\u2028c')).toBe('a b c');
  expect(readableTime('2026-11-21T13:00:03+01:00')).toBe('2026-11-21 12:00:03 UTC');
});

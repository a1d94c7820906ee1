import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { encodedWords, renderMail, type Mail } from '../../../connectors/shared/mail';
import { storedFile } from '../../support/files';

const mail: Mail = {
  from: { name: 'Zoë', address: 'zoe@example.com' },
  messageId: 'handoff.1@handoff.invalid',
  subject: 'Re: Chat',
  date: new Date('2026-11-21T12:00:00Z'),
  text: 'Hallo',
};

/** The mail as it is sent, which is the same each time and has the size that was announced. */
async function rendered(mail: Mail): Promise<string> {
  const one = await renderMail(mail);
  const [first, second] = [await buffer(one.open()), await buffer(one.open())];
  expect([first.length, first.equals(second)]).toEqual([one.size, true]);
  return first.toString('latin1');
}

/** Lines that begin a header, at the top and in the parts. */
function headers(mail: string): string[] {
  return mail.split('\r\n').flatMap((line) => /^([A-Za-z-]+):/.exec(line)?.[1] ?? []);
}

describe('A mail', () => {
  test('carries its mark, its headers and its text as they are', async () => {
    const said = await rendered({
      ...mail,
      text: '.\nFrom: x\nGrüße 👋',
      headers: { 'RT-Control': 'no-autoopen' },
    });
    expect(said).toMatch(/^Message-ID: <handoff\.1@handoff\.invalid>\r$/m);
    expect(said).toMatch(/^RT-Control: no-autoopen\r$/im);
    const [head, body] = said.split('\r\n\r\n');
    expect(head).toContain('Content-Transfer-Encoding: base64');
    expect(Buffer.from(body!, 'base64').toString('utf8')).toBe('.\nFrom: x\nGrüße 👋');
    expect(said).toMatch(/^[\r\n\x20-\x7e]*$/);
  });

  test('nothing from outside adds a header or a part', async () => {
    const words = {
      from: { name: 'a\r\nBcc: b@c.d', address: 'zoe@example.com' },
      subject: 'x\r\n\r\nStatus: resolved',
    };
    const attachment = storedFile({
      name: 'f"\r\nX: y',
      mimeType: 'text/plain\r\nX: y',
      bytes: Buffer.from('--=_handoff--'),
    });
    const said = await rendered({ ...mail, ...words, text: '\r\n----_NmP-Part_1--\r\n', attachment });
    expect(headers(said)).toEqual([
      ...['From', 'Subject', 'Message-ID', 'Date', 'MIME-Version', 'Content-Type'],
      ...['Content-Type', 'Content-Transfer-Encoding'],
      ...['Content-Type', 'Content-Transfer-Encoding', 'Content-Disposition'],
    ]);
    const boundary = /boundary="([^"]+)"/.exec(said)![1]!;
    expect(said.split(`\r\n--${boundary}`)).toHaveLength(4);
  });

  test('an empty text and an empty file make a mail too', async () => {
    const attachment = storedFile({ name: 'empty', mimeType: 'text/plain', bytes: Buffer.alloc(0) });
    expect(headers(await rendered({ ...mail, text: '', attachment }))).toContain('Content-Disposition');
  });

  test.each(['zoe@example.com>\r\nBcc: <x@y', 'zoe', 'zoe@exa mple.com', '"a b"@c'])(
    'refuses the sender %j',
    async (address) => {
      await expect(renderMail({ ...mail, from: { name: '', address } })).rejects.toThrow(RangeError);
    },
  );

  test('any text comes back from its encoded words, each of a length mail allows', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (text) => {
        const decoded = encodedWords(text)
          .split(' ')
          .map((word) => {
            expect(word.length).toBeLessThanOrEqual(75);
            return Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(word)![1]!, 'base64').toString('utf8');
          });
        expect(decoded.join('')).toBe(text);
      }),
    );
  });
});

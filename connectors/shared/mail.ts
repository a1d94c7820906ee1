import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import type { StoredFile } from './files';
import { mediaType } from './parse';
import { singleLine } from './text';

export interface Mail {
  from: { name: string; address: string };
  /** Without angle brackets. */
  messageId: string;
  subject: string;
  date: Date;
  text: string;
  attachment?: StoredFile;
  headers?: Record<string, string>;
}

export interface RenderedMail {
  /** Bytes. */
  size: number;
  /** The mail from its beginning, as often as it is needed. */
  open(): Readable;
}

/** A mail as RFC 5322 and MIME want it, in ASCII. What is in it can neither end a header nor a part. */
export async function renderMail(mail: Mail): Promise<RenderedMail> {
  if (!isSafeAddress(mail.from.address)) throw new RangeError('this address cannot stand in a mail header');
  // The parts are separated by the same line each time, so that the mail is the same each time.
  const boundary = randomUUID();
  const open = () => compose(mail, boundary).createReadStream();
  let size = 0;
  for await (const piece of open()) size += (piece as Buffer).length;
  return { size, open };
}

function compose({ from, messageId, subject, date, text, attachment, headers }: Mail, baseBoundary: string) {
  return new MailComposer({
    baseBoundary,
    from: { name: singleLine(from.name), address: from.address },
    messageId: `<${messageId}>`,
    subject: singleLine(subject),
    date,
    // In base64 whatever it is: other encodings add an end of line, or change one.
    text: { content: Buffer.from(text), contentTransferEncoding: 'base64' },
    headers,
    attachments: attachment && [attached(attachment)],
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
}

function attached(file: StoredFile) {
  return {
    filename: singleLine(file.name) || 'file',
    contentType: mediaType(file.mimeType),
    content: file.open(),
    contentTransferEncoding: 'base64',
  };
}

/** An address that may stand in a header as it is. */
export function isSafeAddress(address: string): boolean {
  return /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$/.test(address);
}

/** RFC 2047: any text as ASCII, in words of at most 75 characters with a space between. */
export function encodedWords(text: string): string {
  return encodeWord(text, 'B', 52);
}

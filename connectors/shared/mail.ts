import MailComposer from 'nodemailer/lib/mail-composer';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import type { FileContent } from './files';
import { mediaType } from './parse';
import { singleLine } from './text';

export interface Mail {
  from: { name: string; address: string };
  /** Without angle brackets. */
  messageId: string;
  subject: string;
  date: Date;
  text: string;
  attachment?: FileContent;
  headers?: Record<string, string>;
}

/** A mail as RFC 5322 and MIME want it, in ASCII. What is in it can neither end a header nor a part. */
export async function renderMail({ from, messageId, subject, date, text, attachment, headers }: Mail): Promise<string> {
  if (!isSafeAddress(from.address)) throw new RangeError('this address cannot stand in a mail header');
  const composer = new MailComposer({
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
  });
  return (await composer.compile().build()).toString('ascii');
}

function attached({ name, mimeType, bytes }: FileContent) {
  return {
    filename: singleLine(name) || 'file',
    contentType: mediaType(mimeType),
    content: bytes,
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

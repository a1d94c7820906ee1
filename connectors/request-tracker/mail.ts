import type { FileContent } from '../platform';

export interface Mail {
  from: { name: string; address: string };
  /** Without angle brackets. */
  messageId: string;
  subject: string;
  date: Date;
  text: string;
  attachment?: FileContent;
}

const CRLF = '\r\n';
const BOUNDARY = '=_handoff';

/**
 * A mail as RFC 5322 and MIME want it. Every word from outside travels in base64, so that nothing in it can end a
 * header or a part; what cannot (addresses, media types) has to have a safe form or is refused.
 */
export function renderMail({ from, messageId, subject, date, text, attachment }: Mail): string {
  const body = part(['Content-Type: text/plain; charset=utf-8'], Buffer.from(text, 'utf8'));
  const content = attachment ? multipart([body, filePart(attachment)]) : body;
  return [
    `From: ${encodedWords(from.name)} <${safeAddress(from.address)}>`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${safeAddress(messageId)}>`,
    `Subject: ${encodedWords(subject)}`,
    'MIME-Version: 1.0',
    content,
  ].join(CRLF);
}

/** An address that may stand in a header as it is. */
export function isSafeAddress(address: string): boolean {
  return /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$/.test(address);
}

function safeAddress(address: string): string {
  if (!isSafeAddress(address)) throw new RangeError('this address cannot stand in a mail header');
  return address;
}

/** RFC 2047: any text as ASCII, cut between characters into words of at most 75. */
export function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((each) => `=?UTF-8?B?${Buffer.from(each).toString('base64')}?=`).join(`${CRLF} `);
}

/** A media type that may stand in a header as it is; anything else is bytes of an unknown kind. */
export function safeMediaType(mimeType: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(mimeType) ? mimeType : 'application/octet-stream';
}

function filePart({ name, mimeType, bytes }: FileContent): string {
  // Encoded words in a parameter are not what RFC 2231 asks for, but what Request Tracker reads.
  const disposition = `Content-Disposition: attachment;${CRLF} filename="${encodedWords(name)}"`;
  return part([`Content-Type: ${safeMediaType(mimeType)}`, disposition], bytes);
}

function part(headers: string[], bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,76}/g) ?? [];
  return [...headers, 'Content-Transfer-Encoding: base64', '', ...lines].join(CRLF);
}

/** No line of base64 begins with a hyphen, so the boundary is never met inside a part. */
function multipart(parts: string[]): string {
  const delimited = parts.flatMap((each) => [`--${BOUNDARY}`, each]);
  return [`Content-Type: multipart/mixed; boundary="${BOUNDARY}"`, '', ...delimited, `--${BOUNDARY}--`, ''].join(CRLF);
}

import { z } from 'zod';
import { MEBIBYTE } from '../../domain/capabilities';
import type { MessageContent } from '../../domain/message';
import { VendorError } from '../shared/errors';
import { readWhole, type FileStream } from '../shared/files';
import { htmlToText } from '../shared/html';
import { mediaKind, mediaType } from '../shared/parse';
import { contentOf } from './attachment-content';
import type { Client } from './client';

const part = z.object({
  id: z.coerce.string(),
  ContentType: z.string().nullish(),
  Filename: z.string().nullish(),
  MessageId: z.string().nullish(),
  ContentLength: z.coerce.number().int().nonnegative().optional().catch(undefined),
});
export type Part = z.output<typeof part>;

/** Of one message's text, so much is read; what is longer is reported by its size. */
const MOST_TEXT_BYTES = MEBIBYTE;

/** The parts of one message, none where it is gone: the first is the whole, and carries its Message-ID. */
export function partsOf(client: Client, transactionId: string): Promise<Part[]> {
  return findParts(client, 'TransactionId', transactionId);
}

function findParts(client: Client, field: 'TransactionId' | 'id', value: string): Promise<Part[]> {
  const query = { fields: 'ContentType,Filename,MessageId,ContentLength' };
  return client.search('reading the parts of a message', '/attachments', part, [{ field, value }], query);
}

/** An attachment by its number, as it arrives. */
export async function openFile(client: Client, id: string): Promise<FileStream> {
  const [found] = /^\d+$/.test(id) ? await findParts(client, 'id', id) : [];
  if (!found) throw new VendorError('not-found', 'Request Tracker: there is no such attachment');
  return openPart(client, found);
}

async function openPart(client: Client, { id, Filename, ContentType, ContentLength }: Part): Promise<FileStream> {
  const stream = contentOf(await client.stream('reading an attachment', `/attachment/${id}`));
  return { name: Filename || id, mimeType: mediaType(ContentType), size: ContentLength, stream };
}

/** What an agent said, as the messages a chat takes: texts and files in their order. */
export async function contentsOf(client: Client, parts: Part[], timeoutMs: number): Promise<MessageContent[]> {
  const contents: MessageContent[] = [];
  let room = MOST_TEXT_BYTES;
  for (const each of withoutAlternatives(parts)) {
    if (!isText(each)) {
      contents.push(fileOf(each));
      continue;
    }
    const { content, bytes } = await textOf(client, each, room, timeoutMs);
    room -= bytes;
    if (content) contents.push(content);
  }
  return contents;
}

/** Leaves out containers, and the rich version of a text that is there as plain text. */
function withoutAlternatives(parts: Part[]): Part[] {
  let alternative: 'none' | 'open' | 'taken' = 'none';
  return parts.filter((each) => {
    const type = mediaType(each.ContentType);
    if (type === 'multipart/alternative') alternative = 'open';
    if (type.startsWith('multipart/') || type === 'message/rfc822') return false;
    if (!isText(each)) return true;
    const isRepeated = type === 'text/html' && alternative === 'taken';
    alternative = type === 'text/plain' && alternative === 'open' ? 'taken' : 'none';
    return !isRepeated;
  });
}

function isText({ ContentType, Filename }: Part): boolean {
  return !Filename && ['text/plain', 'text/html'].includes(mediaType(ContentType));
}

async function textOf(
  client: Client,
  part: Part,
  maxBytes: number,
  timeoutMs: number,
): Promise<{ content?: MessageContent; bytes: number }> {
  const omitted = { content: { kind: 'omitted', bytes: part.ContentLength ?? maxBytes } as const, bytes: 0 };
  if ((part.ContentLength ?? 0) > maxBytes) return omitted;
  const file = await openPart(client, part);
  try {
    const { bytes, mimeType } = await readWhole('Request Tracker', file, { maxBytes, timeoutMs });
    const said = bytes.toString('utf8').replaceAll('\r\n', '\n');
    const text = mimeType === 'text/html' ? htmlToText(said) : said.trim();
    return { content: text ? { kind: 'text', text } : undefined, bytes: bytes.length };
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'too-large') return omitted;
    throw error;
  }
}

function fileOf({ id, ContentType, Filename }: Part): MessageContent {
  const mimeType = mediaType(ContentType);
  const source = { contactCenterFile: id };
  return { kind: 'file', media: mediaKind(mimeType), source, name: Filename || undefined, mimeType };
}

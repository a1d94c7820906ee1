import { z } from 'zod';
import type { MediaKind, MessageContent } from '../../domain/message';
import type { FileContent } from '../platform';
import { PAGE_SIZE, pageOf, type Client } from './client';
import { htmlToText } from './html';

const listed = z.object({
  id: z.coerce.string(),
  ContentType: z.string().nullish(),
  Filename: z.string().nullish(),
  MessageId: z.string().nullish(),
});
export type Listed = z.output<typeof listed>;

/** Content is in base64, text in UTF-8. */
const attachment = z.object({
  Content: z.string().nullish(),
  ContentType: z.string().nullish(),
  Filename: z.string().nullish(),
});

/** The parts of one message: the first is the whole, and carries its Message-ID. */
export async function attachmentsOf(client: Client, transactionId: string): Promise<Listed[]> {
  const query = { fields: 'ContentType,Filename,MessageId', per_page: PAGE_SIZE };
  const path = `/transaction/${transactionId}/attachments`;
  return (await client.get('reading a message', path, pageOf(listed), query)).items;
}

/** What an agent said, as the messages a chat takes: the text, then each file. */
export async function contentsOf(client: Client, parts: Listed[]): Promise<MessageContent[]> {
  const bodies = parts.filter((part) => !part.Filename && isText(part));
  const body = bodies.find(({ ContentType }) => ContentType === 'text/plain') ?? bodies[0];
  const text = body ? await textOf(client, body) : '';
  const files = parts.filter((part) => part.Filename).map(fileOf);
  return text ? [{ kind: 'text', text }, ...files] : files;
}

function isText({ ContentType }: Listed): boolean {
  return ContentType === 'text/plain' || ContentType === 'text/html';
}

async function textOf(client: Client, { id, ContentType }: Listed): Promise<string> {
  const text = (await read(client, id)).bytes.toString('utf8').replace(/\r\n/g, '\n');
  return ContentType === 'text/html' ? htmlToText(text) : text.trim();
}

function fileOf({ id, ContentType, Filename }: Listed): MessageContent {
  const mimeType = ContentType ?? 'application/octet-stream';
  const source = { contactCenterFile: id };
  return { kind: 'file', media: mediaOf(mimeType), source, name: Filename ?? undefined, mimeType };
}

function mediaOf(mimeType: string): MediaKind {
  const [family] = mimeType.split('/');
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'document';
}

/** An attachment by its number. */
export async function read(client: Client, id: string): Promise<FileContent> {
  const found = await client.get('reading an attachment', `/attachment/${encodeURIComponent(id)}`, attachment);
  return {
    name: found.Filename || id,
    mimeType: found.ContentType ?? 'application/octet-stream',
    bytes: Buffer.from(found.Content ?? '', 'base64'),
  };
}

import { Readable } from 'node:stream';
import { z } from 'zod';
import { MEBIBYTE } from '../../domain/capabilities';
import type { MessageContent } from '../../domain/message';
import { VendorError } from '../shared/errors';
import type { FileStream } from '../shared/files';
import { mediaKind, mediaType } from '../shared/parse';
import type { Client } from './client';

const attachment = z.object({
  id: z.int(),
  name: z.string(),
  mimetype: z.union([z.string(), z.literal(false)]),
  file_size: z.number(),
});
const withBytes = z.object({ datas: z.union([z.string(), z.literal(false)]) });

/** The API gives a file as base64 in one answer, which is in memory. */
const MOST_BYTES = 40 * MEBIBYTE;

async function describe(client: Client, ids: number[]) {
  const search = { domain: [['id', 'in', ids]], fields: Object.keys(attachment.shape) };
  return client.search('reading attachments', 'ir.attachment', search, attachment);
}

/** The files of one message. */
export async function filesOf(client: Client, ids: number[]): Promise<MessageContent[]> {
  if (ids.length === 0) return [];
  return (await describe(client, ids)).map(({ id, name, mimetype }) => {
    const mimeType = mediaType(mimetype);
    return { kind: 'file', media: mediaKind(mimeType), source: { contactCenterFile: `${id}` }, name, mimeType };
  });
}

/** An attachment by its number. */
export async function openFile(client: Client, file: string): Promise<FileStream> {
  const [found] = /^\d{1,15}$/.test(file) ? await describe(client, [Number(file)]) : [];
  if (!found) throw gone();
  if (found.file_size > MOST_BYTES) throw new VendorError('too-large', 'Odoo: a file is larger than 40 MiB');
  const search = { domain: [['id', '=', found.id]], fields: ['datas'] };
  const [content] = await client.search('reading a file', 'ir.attachment', search, withBytes);
  if (!content) throw gone();
  const bytes = Buffer.from(content.datas || '', 'base64');
  return { name: found.name, mimeType: mediaType(found.mimetype), size: bytes.length, stream: Readable.from([bytes]) };
}

function gone(): VendorError {
  return new VendorError('not-found', 'Odoo: there is no such attachment');
}

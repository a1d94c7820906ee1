import { z } from 'zod';
import { MEBIBYTE, type ContactCenterCapabilities } from '../../domain/capabilities';
import type { CaseMessage, ContactCenter } from '../contact-center';
import { VendorError } from '../shared/errors';
import { readAnswer, type Desk } from './call';

const APPEND_BATCH = 10;

/** A larger file travels as its URL, so that the largest append stays below 64 MiB in base64. */
const MAX_INLINE_FILE_BYTES = 4 * MEBIBYTE;

export const CASE_CAPABILITIES = {
  appendBatch: APPEND_BATCH,
  maxAppendBytes: MEBIBYTE,
  afterClose: 'append',
} satisfies Partial<ContactCenterCapabilities>;

const caseAnswer = z.object({ id: z.string().min(1), url: z.url({ protocol: /^https?$/ }).optional() });
const casesAnswer = z.object({ cases: z.array(caseAnswer) });
const idsAnswer = z.object({ ids: z.array(z.string()) });
const availabilityAnswer = z.object({ available: z.boolean() });

type CaseCalls = Required<
  Pick<
    ContactCenter,
    | 'availability'
    | 'openCase'
    | 'findCase'
    | 'append'
    | 'findAppended'
    | 'note'
    | 'close'
    | 'showPresence'
    | 'download'
  >
>;

/** All that we ask of the desk about its cases. */
export function caseCalls(desk: Desk): CaseCalls {
  return {
    availability: (queue) => availability(desk, queue),
    async openCase(opening) {
      return readAnswer('opening a case', caseAnswer, await desk.post('opening a case', '/cases', opening));
    },
    async findCase(key) {
      const answer = await desk.get('finding a case', `/cases?${new URLSearchParams({ key }).toString()}`);
      return readAnswer('finding a case', casesAnswer, answer).cases[0];
    },
    async append(ref, messages) {
      await desk.post('appending messages', casePath(ref.id, 'messages'), { messages: messages.map(onTheWire) });
    },
    async findAppended(ref, messageIds) {
      const query = new URLSearchParams(messageIds.map((id) => ['ids', id] as [string, string])).toString();
      const answer = await desk.get('reading messages back', `${casePath(ref.id, 'messages')}?${query}`);
      const { ids } = readAnswer('reading messages back', idsAnswer, answer);
      return messageIds.filter((id) => ids.includes(id));
    },
    async note(ref, id, text) {
      await desk.post('adding a note', casePath(ref.id, 'notes'), { id, text });
    },
    close: (ref) => close(desk, ref.id),
    async showPresence(ref, presence) {
      await desk.post('showing presence', casePath(ref.id, 'presence'), presence);
    },
    download: (file) => download(desk, file),
  };
}

/** The contract leaves this call to the desk's choice: one that does not know it answers 404. */
async function availability(desk: Desk, queue: string | undefined): Promise<'available' | 'unavailable' | 'unknown'> {
  const query = queue === undefined ? '' : `?${new URLSearchParams({ queue }).toString()}`;
  try {
    const answer = await desk.get('asking for availability', `/availability${query}`);
    const { available } = readAnswer('asking for availability', availabilityAnswer, answer);
    return available ? 'available' : 'unavailable';
  } catch (error) {
    if (error instanceof VendorError && error.details.status === 404) return 'unknown';
    throw error;
  }
}

async function close(desk: Desk, caseId: string): Promise<void> {
  try {
    await desk.post('closing the case', casePath(caseId, 'close'), {});
  } catch (error) {
    if (!(error instanceof VendorError && error.kind === 'case-closed')) throw error;
  }
}

async function download(desk: Desk, file: string) {
  const { data, headers } = await desk.get('fetching a file', `/files/${encodeURIComponent(file)}`, 'arraybuffer');
  const type = headers['content-type'];
  const mimeType = typeof type === 'string' ? type.split(';')[0]! : 'application/octet-stream';
  return { name: file, mimeType, bytes: Buffer.from(data as ArrayBuffer) };
}

function casePath(caseId: string, what: string): string {
  return `/cases/${encodeURIComponent(caseId)}/${what}`;
}

function onTheWire({ file, content, ...message }: CaseMessage) {
  if (!file || content.kind !== 'file' || file.bytes.length > MAX_INLINE_FILE_BYTES) return { ...message, content };
  const source = { base64: file.bytes.toString('base64') };
  return { ...message, content: { name: file.name, ...content, mimeType: file.mimeType, source } };
}

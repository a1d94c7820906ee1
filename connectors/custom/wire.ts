import { MEBIBYTE } from '../../domain/capabilities';
import { contentAsText, type MessageContent } from '../../domain/message';
import type { CaseMessage, CaseOpening } from '../contact-center';

/** What we send, as the contract has it. */

/** A larger file travels as its URL. */
const MAX_INLINE_FILE_BYTES = 4 * MEBIBYTE;

/** All files of one call together; in base64 and JSON they take a third more. */
const MAX_INLINE_CALL_BYTES = 16 * MEBIBYTE;

type WireContent = Exclude<MessageContent, { kind: 'omitted' }>;

export function openingOnTheWire(opening: CaseOpening) {
  const entries = opening.transcript.entries.map((entry) => ({ ...entry, content: contentOnTheWire(entry.content) }));
  return { ...opening, transcript: { ...opening.transcript, entries } };
}

/** Files go along with their bytes, in order, as long as the call has room for them. */
export function messagesOnTheWire(messages: CaseMessage[]) {
  let room = MAX_INLINE_CALL_BYTES;
  return messages.map(({ file, content, ...message }) => {
    const bytes = file?.bytes.length ?? 0;
    if (!file || content.kind !== 'file' || bytes > Math.min(room, MAX_INLINE_FILE_BYTES)) {
      return { ...message, content: contentOnTheWire(content) };
    }
    room -= bytes;
    const source = { base64: file.bytes.toString('base64') };
    return { ...message, content: { name: file.name, ...content, mimeType: file.mimeType, source } };
  });
}

/** The contract has no word for what was omitted, and none for a file that is behind another contact center's door. */
function contentOnTheWire(content: MessageContent): WireContent {
  const isUnreachable = content.kind === 'file' && 'contactCenterFile' in content.source;
  if (content.kind !== 'omitted' && !isUnreachable) return content;
  return { kind: 'other', type: content.kind, text: contentAsText(content) };
}

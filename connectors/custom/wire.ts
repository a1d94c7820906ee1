import { MEBIBYTE } from '../../domain/capabilities';
import { contentAsText, type MessageContent } from '../../domain/message';
import type { CaseMessage, CaseOpening } from '../contact-center';
import type { StoredFile } from '../shared/files';
import { StreamedJson } from '../shared/streamed-json';

/** What we send, as the contract has it. */

/** A larger file travels as its URL. In base64 and JSON it takes a third more. */
export const MAX_INLINE_FILE_BYTES = 4 * MEBIBYTE;

type WireContent = Exclude<MessageContent, { kind: 'omitted' }>;

export function openingOnTheWire(opening: CaseOpening) {
  const entries = opening.transcript.entries.map((entry) => ({ ...entry, content: contentOnTheWire(entry.content) }));
  return { ...opening, transcript: { ...opening.transcript, entries } };
}

/** A file goes along with its bytes, where it has some and is not too large. */
export function messagesOnTheWire(messages: CaseMessage[]): object {
  const body = (base64: (file: StoredFile) => string) => ({
    messages: messages.map(({ file, content, ...message }) => {
      if (!file || content.kind !== 'file' || file.size > MAX_INLINE_FILE_BYTES) {
        return { ...message, content: contentOnTheWire(content) };
      }
      const source = { base64: base64(file) };
      return { ...message, content: { name: file.name, ...content, mimeType: file.mimeType, source } };
    }),
  });
  return messages.some(({ file }) => file) ? new StreamedJson(body) : body(() => '');
}

/** The contract has no word for what was omitted, and none for a file that is behind another contact center's door. */
function contentOnTheWire(content: MessageContent): WireContent {
  const isUnreachable = content.kind === 'file' && 'contactCenterFile' in content.source;
  if (content.kind !== 'omitted' && !isUnreachable) return content;
  return { kind: 'other', type: content.kind, text: contentAsText(content) };
}

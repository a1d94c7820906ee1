import { contentAsText } from '../../domain/message';
import type { CaseMessage } from '../contact-center';

/** A message as text. A file that travels along needs no address in it. */
export function messageText({ content, file }: CaseMessage): string {
  if (content.kind !== 'file' || !file) return contentAsText(content);
  return contentAsText({ ...content, name: content.name ?? file.name, source: { contactCenterFile: '' } });
}

import { z } from 'zod';
import type { CaseRef } from '../../domain/handoff';
import type { CaseMessage } from '../contact-center';
import { messageText } from '../shared/message-text';
import { StreamedJson } from '../shared/streamed-json';
import { singleLine } from '../shared/text';
import type { Client } from './client';
import { messageMark } from './external-id';
import { textToHtml } from './html';
import { numberOf, TICKET, type Tickets } from './tickets';

const marked = z.object({ message_id: z.string() });
const created = z.array(z.int()).min(1);

/** Messages into tickets, each with a Message-ID of ours by which it can be read back. */
export function messageCalls(client: Client, tickets: Tickets) {
  async function append(ref: CaseRef, messages: CaseMessage[]): Promise<void> {
    const { partner_id: contact } = await tickets.readTicket(ref.id);
    for (const message of messages) {
      const { id, file } = message;
      const attached = file && (await attach(client, ref, file));
      const author = contact ? { author_id: contact[0] } : {};
      const more = { ...author, ...(attached && { attachment_ids: attached }) };
      await post(client, ref, 'mail.mt_comment', messageMark('message', id), messageText(message), more);
    }
  }

  async function marksIn({ id }: CaseRef, marks: string[]): Promise<Set<string>> {
    const where = [
      ['model', '=', TICKET],
      ['res_id', '=', numberOf(id)],
      ['message_id', 'in', marks],
    ];
    const search = { domain: where, fields: ['message_id'] };
    const found = await client.search('reading messages back', 'mail.message', search, marked);
    return new Set(found.map((each) => each.message_id));
  }

  async function findAppended(ref: CaseRef, messageIds: string[]): Promise<string[]> {
    const found = await marksIn(
      ref,
      messageIds.map((id) => messageMark('message', id)),
    );
    return messageIds.filter((id) => found.has(messageMark('message', id)));
  }

  /** Agents see it, contacts do not. */
  async function note(ref: CaseRef, noteId: string, text: string): Promise<void> {
    const mark = messageMark('note', noteId);
    if ((await marksIn(ref, [mark])).size > 0) return;
    await post(client, ref, 'mail.mt_note', mark, text);
  }

  return { append, findAppended, note };
}

async function post(client: Client, { id }: CaseRef, subtype: string, mark: string, text: string, more: object = {}) {
  const args = {
    ...{ ids: [numberOf(id)], body: textToHtml(text), body_is_html: true, message_type: 'comment' },
    ...{ subtype_xmlid: subtype, message_id: mark, ...more },
  };
  await client.call('writing to a ticket', `${TICKET}/message_post`, args, created);
}

async function attach(client: Client, { id }: CaseRef, file: NonNullable<CaseMessage['file']>) {
  const own = { name: singleLine(file.name) || 'file', res_model: TICKET, res_id: numberOf(id) };
  const args = new StreamedJson((base64) => ({ vals_list: [{ ...own, datas: base64(file) }] }));
  return client.call('attaching a file', 'ir.attachment/create', args, created);
}

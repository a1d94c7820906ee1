import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { contentAsText } from '../../domain/message';
import type { CaseRef } from '../../domain/handoff';
import type { CaseMessage } from '../contact-center';
import { VendorError } from '../shared/errors';
import { type Client, type Condition } from './client';
import { customerOf } from './customer';
import type { Lookups, User } from './lookups';
import { encodedWords, renderMail, safeMediaType } from './mail';
import type { RequestTrackerSettings } from './settings';

const said = z.array(z.string());
const mark = z.object({ MessageId: z.string().nullish(), Subject: z.string().nullish() });

/** A ticket that the gateway refused goes the other way for so long: each refusal sends a mail to somebody. */
const REFUSAL_KEPT_MS = 10 * 60_000;

/**
 * Messages into tickets. Each carries a mark made of its id that can be searched for: as the mail's Message-ID
 * where it came through the gateway, in its subject where it came by the API, which keeps nothing else of ours.
 */
export function messageCalls(client: Client, lookups: Lookups, settings: RequestTrackerSettings) {
  const refused = new LRUCache<string, true>({ max: 5_000, ttl: REFUSAL_KEPT_MS });

  async function append(ref: CaseRef, messages: CaseMessage[]): Promise<void> {
    for (const message of messages) {
      if (!(await appendAsCustomer(ref, message))) await appendAsBridge(ref, message);
    }
  }

  /** Answers whether it could: the gateway says no where the customer has no right to reply, and not why. */
  async function appendAsCustomer({ id }: CaseRef, message: CaseMessage): Promise<boolean> {
    if (settings.appendAs !== 'customer' || refused.has(id)) return false;
    const ticket = await lookups.knownTicket(id);
    const customer = ticket && (await customerOf(lookups, ticket.requestors));
    if (!customer) return false;
    const verdict = await submitted(id, customerMail(ticket.subject, customer, message, settings));
    if (!verdict) refused.set(id, true);
    return verdict;
  }

  async function submitted(id: string, mail: string): Promise<boolean> {
    const answer = await submitMail(client, id, mail);
    if (answer === undefined || answer.startsWith('not ok')) return false;
    if (/^ok\b/.test(answer)) return true;
    const kind = answer.startsWith('temporary failure') ? 'unavailable' : 'ambiguous';
    throw new VendorError(kind, `Request Tracker: the mail gateway answered 200 and '${answer.slice(0, 100)}'`);
  }

  async function appendAsBridge({ id }: CaseRef, message: CaseMessage): Promise<void> {
    const text = `${message.author ?? 'Customer'}: ${textOf(message)}`;
    await write(`/ticket/${encodeURIComponent(id)}/correspond`, subjectMark('Message', message.id), text, message.file);
  }

  async function write(path: string, subject: string, text: string, file?: CaseMessage['file']): Promise<void> {
    const body = {
      Subject: subject,
      Content: text,
      ContentType: 'text/plain; charset=utf-8',
      ...(file && { Attachments: [attachmentOf(file)] }),
    };
    await client.send('writing to a ticket', 'POST', path, body, said);
  }

  async function findAppended({ id }: CaseRef, messageIds: string[]): Promise<string[]> {
    const marks = messageIds.map((each) => ({
      id: each,
      marks: [mailMark(each, settings), subjectMark('Message', each)],
    }));
    const found = new Set([
      ...(await marksIn(
        client,
        id,
        'MessageId',
        marks.map((each) => each.marks[0]!),
      )),
      ...(await marksIn(
        client,
        id,
        'Subject',
        marks.map((each) => each.marks[1]!),
      )),
    ]);
    return marks.filter((each) => each.marks.some((one) => found.has(one))).map((each) => each.id);
  }

  /** A comment: agents see it, customers do not. What is there already is not written again. */
  async function note({ id }: CaseRef, noteId: string, text: string): Promise<void> {
    const subject = subjectMark('Note', noteId);
    if ((await marksIn(client, id, 'Subject', [subject])).length > 0) return;
    await write(`/ticket/${encodeURIComponent(id)}/comment`, subject, text);
  }

  return { append, findAppended, note };
}

/** Undefined where the gateway is closed to us: many sites let only their mail server use it. */
async function submitMail(client: Client, id: string, mail: string): Promise<string | undefined> {
  try {
    return await client.submitMail(id, mail);
  } catch (error) {
    const closed = error instanceof VendorError && [401, 403, 404, 405].includes(error.details.status ?? 0);
    if (closed) return undefined;
    throw error;
  }
}

function customerMail(subject: string, customer: User, message: CaseMessage, settings: RequestTrackerSettings): string {
  return renderMail({
    from: { name: customer.realName, address: customer.email },
    messageId: mailMark(message.id, settings),
    subject: `Re: ${subject}`,
    date: new Date(message.at),
    text: textOf(message),
    attachment: message.file,
  });
}

/** A file that travels along needs no address in the text. */
function textOf({ content, file }: CaseMessage): string {
  if (content.kind !== 'file' || !file) return contentAsText(content);
  return contentAsText({ ...content, name: content.name ?? file.name, source: { contactCenterFile: '' } });
}

/** Request Tracker loses letters beyond Latin-1 in a name it gets by its API, unless they come as in a mail. */
function attachmentOf({ name, mimeType, bytes }: NonNullable<CaseMessage['file']>) {
  const unfolded = encodedWords(name).replace(/\r\n/g, '');
  return { FileName: unfolded, FileType: safeMediaType(mimeType), FileContent: bytes.toString('base64') };
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 24);
}

function subjectMark(what: 'Message' | 'Note', id: string): string {
  return `${what} ${digest(id)}`;
}

function mailMark(id: string, { customerEmailDomain }: RequestTrackerSettings): string {
  return `handoff.${digest(id)}@${customerEmailDomain}`;
}

/** Whether a message of a ticket came from us, by its Message-ID. */
export function isOurMail(messageId: string | null | undefined): boolean {
  return /^handoff\.[0-9a-f]{24}@/.test(messageId ?? '');
}

async function marksIn(
  client: Client,
  ticketId: string,
  field: 'MessageId' | 'Subject',
  values: string[],
): Promise<string[]> {
  const conditions = values.map((value): Condition => ({ field, value, entry_aggregator: 'OR' }));
  const path = `/ticket/${encodeURIComponent(ticketId)}/attachments?fields=${field}`;
  const found = await client.search('reading messages back', path, mark, conditions);
  return found.flatMap((each) => each[field] ?? []);
}

import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { CaseRef } from '../../domain/handoff';
import type { CaseMessage } from '../contact-center';
import { VendorError } from '../shared/errors';
import { encodedWords, renderMail, type RenderedMail } from '../shared/mail';
import { messageText } from '../shared/message-text';
import { mediaType } from '../shared/parse';
import { StreamedJson } from '../shared/streamed-json';
import { singleLine } from '../shared/text';
import type { Client } from './client';
import type { Lookups, User } from './lookups';
import { mailMark, marksIn, subjectMark } from './marks';
import { speakingRequestor } from './requestor';
import type { RequestTrackerSettings } from './settings';

/** What was done, in words. */
const outcome = z.array(z.string());

/** A ticket that the gateway refused goes the other way for so long: each refusal sends a mail to somebody. */
const REFUSAL_KEPT_MS = 10 * 60_000;

/** Messages into tickets, each with a mark by which it can be read back. */
export function messageCalls(client: Client, lookups: Lookups, settings: RequestTrackerSettings) {
  const refused = new LRUCache<string, true>({ max: 5_000, ttl: REFUSAL_KEPT_MS });

  async function append(ref: CaseRef, messages: CaseMessage[]): Promise<void> {
    for (const message of messages) {
      if (!(await appendAsRequestor(ref, message))) await appendAsService(ref, message);
    }
  }

  /** Answers whether it could: the gateway says no where the requestor has no right to reply, and not why. */
  async function appendAsRequestor({ id }: CaseRef, message: CaseMessage): Promise<boolean> {
    if (settings.appendAs !== 'requestor' || refused.has(id)) return false;
    const ticket = await lookups.knownTicket(id);
    const requestor = ticket && (await speakingRequestor(lookups, ticket.requestors));
    if (!requestor) return false;
    const accepted = await submitted(client, id, await requestorMail(ticket.subject, requestor, message, settings));
    if (!accepted) refused.set(id, true);
    return accepted;
  }

  async function appendAsService({ id }: CaseRef, message: CaseMessage): Promise<void> {
    const text = `${singleLine(message.author ?? 'End user')}: ${messageText(message)}`;
    await write(id, 'correspond', subjectMark('Message', message.id), text, message.file);
  }

  async function write(id: string, how: 'correspond' | 'comment', subject: string, text: string, file?: File) {
    const said = { Subject: subject, Content: text, ContentType: 'text/plain; charset=utf-8' };
    const body = file ? new StreamedJson((base64) => ({ ...said, Attachments: [attachmentOf(file, base64)] })) : said;
    await client.send('writing to a ticket', 'POST', `/ticket/${encodeURIComponent(id)}/${how}`, body, outcome);
  }

  async function findAppended({ id }: CaseRef, messageIds: string[]): Promise<string[]> {
    const marks = messageIds.map((each) => ({
      id: each,
      mail: mailMark(each, settings),
      subject: subjectMark('Message', each),
    }));
    const mails = await marksIn(
      client,
      id,
      'MessageId',
      marks.map(({ mail }) => mail),
    );
    const subjects = await marksIn(
      client,
      id,
      'Subject',
      marks.map(({ subject }) => subject),
    );
    return marks.filter(({ mail, subject }) => mails.has(mail) || subjects.has(subject)).map((each) => each.id);
  }

  /** A comment: agents see it, requestors do not. */
  async function note({ id }: CaseRef, noteId: string, text: string): Promise<void> {
    const subject = subjectMark('Note', noteId);
    if ((await marksIn(client, id, 'Subject', [subject])).size > 0) return;
    await write(id, 'comment', subject, text);
  }

  return { append, findAppended, note };
}

type File = NonNullable<CaseMessage['file']>;

/** Whether the gateway took the mail. Throws where it can neither be said that it did nor that it never will. */
async function submitted(client: Client, id: string, mail: RenderedMail): Promise<boolean> {
  const answer = await submitMail(client, id, mail);
  if (answer === undefined || answer.startsWith('not ok')) return false;
  if (/^ok\b/.test(answer)) return true;
  const kind = answer.startsWith('temporary failure') ? 'unavailable' : 'ambiguous';
  throw new VendorError(kind, `Request Tracker: the mail gateway answered 200 and '${answer.slice(0, 100)}'`);
}

/** Undefined where the gateway is closed to us: many sites let only their mail server use it. */
async function submitMail(client: Client, id: string, mail: RenderedMail): Promise<string | undefined> {
  try {
    return await client.submitMail(id, mail);
  } catch (error) {
    const isClosed = error instanceof VendorError && [401, 403, 404, 405].includes(error.details.status ?? 0);
    if (isClosed) return undefined;
    throw error;
  }
}

function requestorMail(subject: string, requestor: User, message: CaseMessage, settings: RequestTrackerSettings) {
  return renderMail({
    from: { name: requestor.realName, address: requestor.email },
    messageId: mailMark(message.id, settings),
    subject: `Re: ${subject}`,
    date: new Date(message.at),
    text: messageText(message),
    attachment: message.file,
    // Only an agent reopens a ticket: a message that crosses with its closing leaves it closed.
    headers: { 'RT-Control': 'no-autoopen' },
  });
}

/** Request Tracker loses letters beyond Latin-1 in a name it gets by its API, unless they come as in a mail. */
function attachmentOf(file: File, base64: (file: File) => string) {
  return {
    FileName: encodedWords(singleLine(file.name) || 'file'),
    FileType: mediaType(file.mimeType),
    // An empty string would count as missing.
    FileContent: file.size > 0 ? base64(file) : '==',
  };
}

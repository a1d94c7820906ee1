import type { CaseMessage, ContactCenter } from '../connectors/contact-center';
import type { Platform } from '../connectors/platform';
import { VendorError, type VendorErrorKind } from '../connectors/shared/errors';
import type { StoredFile } from '../connectors/shared/files';
import { boundedId } from '../domain/bounded-event';
import { contentAsText, type MessageContent } from '../domain/message';
import { accountOf, contactCenterOf, type ActivityDeps } from './deps';
import { fetchFile } from './fetch-file';
import type { Progress } from './progress';
import type { AppendRequest } from './requests';

/**
 * Appends messages to a case, in order, in as few calls as its contact center allows, and answers with the ids of what
 * is there. One bad message does not take others with it: what is refused in company is appended alone.
 */
export function appendMessages(deps: ActivityDeps) {
  return async (request: AppendRequest, progress: Progress): Promise<{ appended: string[] }> => {
    const contactCenter = contactCenterOf(deps, request.account, request.contactCenter);
    const { platform } = accountOf(deps, request.account);
    const { fileBytes } = contactCenter.capabilities.append;
    const there = await alreadyThere(contactCenter, request, progress);
    const left = request.messages.filter(({ id }) => !progress.done.includes(id));
    const whole = await withContents(platform, request.conversationId, left);
    const append = async (group: Message[]) => {
      const file = await fetchFile(platform, group[0]!.content, fileBytes);
      try {
        const ready = group.map((message) => caseMessage(message, request.author, file));
        await contactCenter.append(request.case, ready);
      } finally {
        await file?.close();
      }
    };
    for (const group of groups(whole, there, contactCenter)) {
      if (there.has(group[0]!.id)) progress.add(group[0]!.id);
      else await appendGroup(append, group, progress);
    }
    return { appended: progress.done as string[] };
  };
}

async function alreadyThere(contactCenter: ContactCenter, request: AppendRequest, progress: Progress) {
  if (!request.again && !progress.isDoubtful) return new Set<string>();
  const ids = request.messages.map(({ id }) => id).filter((id) => !progress.done.includes(id));
  return new Set(await contactCenter.findAppended(request.case, ids));
}

type Message = { id: string; at: string; author?: string; content: MessageContent | undefined };

/** How far before the oldest message the platform is read: clocks differ, and filters may exclude their moment. */
const OVERLAP_MS = 2 * 60_000;

/** Messages that were kept by reference, read again from the platform. */
async function withContents(
  platform: Platform,
  conversationId: string,
  messages: AppendRequest['messages'],
): Promise<Message[]> {
  const missing = messages.filter(({ content }) => content === undefined);
  if (missing.length === 0 || !platform.history) return messages as Message[];
  const oldest = Math.min(...missing.map(({ at }) => Date.parse(at)));
  const since = new Date(oldest - OVERLAP_MS).toISOString();
  const { entries } = await platform.history.read(conversationId, { since });
  const found = new Map(entries.flatMap(({ id, content }) => (id ? [[boundedId(id), content] as const] : [])));
  return messages.map((message) => ({ ...message, content: message.content ?? found.get(message.id) }));
}

/** What a vendor's format may add to each message: author, time, our id. */
const BYTES_AROUND_A_MESSAGE = 200;

/** Neighbours that may travel in one call. A file stands alone, and so does what is there already, and is passed over. */
function groups(messages: Message[], there: Set<string>, { capabilities: { append } }: ContactCenter): Message[][] {
  const all: Message[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.content ? contentAsText(message.content) : '') + BYTES_AROUND_A_MESSAGE;
    const last = all.at(-1);
    const joins =
      last &&
      last.length < append.messages &&
      bytes + size <= append.bytes &&
      ![last[0]!, message].some(({ id, content }) => there.has(id) || content?.kind === 'file');
    if (joins) last.push(message);
    else all.push([message]);
    bytes = joins ? bytes + size : size;
  }
  return all;
}

/** All of a group in one call; where that is refused for good, each alone, so that only the bad one fails. */
async function appendGroup(append: (group: Message[]) => Promise<void>, group: Message[], progress: Progress) {
  try {
    await append(group);
    for (const { id } of group) progress.add(id);
  } catch (error) {
    const isOne = group.length === 1 || !(error instanceof VendorError) || !ABOUT_A_MESSAGE.includes(error.kind);
    if (isOne) throw error;
    for (const message of group) await appendGroup(append, [message], progress);
  }
}

const ABOUT_A_MESSAGE: VendorErrorKind[] = ['rejected', 'too-large', 'unsupported'];

function caseMessage(message: Message, author: string | undefined, file: StoredFile | undefined): CaseMessage {
  const { id, at, content } = message;
  if (!content) throw new VendorError('rejected', 'The platform does not have a pending message any more');
  return { id, at, author: message.author ?? author, content, ...(file && { file }) };
}

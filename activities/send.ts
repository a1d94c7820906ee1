import { activityInfo } from '@temporalio/activity';
import type { OutgoingMessage } from '../connectors/platform';
import { VendorError } from '../connectors/shared/errors';
import { partsOf, type MessageContent } from '../domain/message';
import { accountOf, contactCenterOf, type ActivityDeps } from './deps';
import type { Progress } from './progress';
import type { SendRequest, SentPart } from './requests';

interface Part {
  id: string;
  messageId: string;
  /** Undefined where it was to be read again and is gone. */
  content: MessageContent | undefined;
  isLast: boolean;
}

/**
 * Sends messages in order, long ones in parts, and answers with what is out. How far it came travels in the heartbeat
 * and in the failure: the next attempt goes on behind it, and reads back first where the last call is in doubt.
 */
export function sendMessages(deps: ActivityDeps) {
  return async (request: SendRequest, progress: Progress): Promise<SentPart[]> => {
    const { account, conversationId, representative, replyTo } = request;
    const { platform } = accountOf(deps, account);
    const parts = await partsToSend(deps, request);
    for (const part of parts.slice(progress.done.length)) {
      const { platformId } = await platform.send({
        conversationId,
        messageId: part.messageId,
        representative,
        replyTo,
        content: await deliverable(deps, request, part.content),
        readBack: readBackOf(request, progress),
      });
      progress.add({ id: part.id, platformId, isLast: part.isLast } satisfies SentPart);
    }
    return progress.done as SentPart[];
  };
}

/** From when on to look for what an earlier attempt may have sent; undefined where none can have. */
export function readBackOf(
  { knownIds, sentSince }: Pick<SendRequest, 'knownIds' | 'sentSince'>,
  progress: Progress,
): OutgoingMessage['readBack'] {
  if (!progress.isDoubtful && !sentSince) return undefined;
  const since = sentSince ?? new Date(activityInfo().scheduledTimestampMs).toISOString();
  const sent = (progress.done as Partial<SentPart>[]).flatMap(({ platformId }) => platformId ?? []);
  return { since, knownIds: [...knownIds, ...sent] };
}

async function partsToSend(deps: ActivityDeps, request: SendRequest): Promise<Part[]> {
  const messages = await withContents(deps, request);
  const parts = messages.flatMap(({ id, messageId, content }) => {
    const contents = content ? partsOf(content, request.textLimit) : [undefined];
    return contents.map((part, i) => ({
      id,
      messageId: contents.length > 1 ? `${messageId}/${i + 1}` : messageId,
      content: part,
      isLast: i === contents.length - 1,
    }));
  });
  return parts.slice(request.partsSent);
}

/** Messages that were kept by reference, read again from the case. */
async function withContents(deps: ActivityDeps, { account, contactCenter, case: ref, messages }: SendRequest) {
  const missing = messages.filter(({ content }) => content === undefined).map(({ id }) => id);
  const { agentMessages } = contactCenterOf(deps, account, contactCenter);
  const read = missing.length > 0 && ref && agentMessages ? await agentMessages.read(ref, missing) : [];
  const found = new Map(read.map(({ id, content }) => [id, content]));
  return messages.map((message) => ({ ...message, content: message.content ?? found.get(message.id) }));
}

/** A file behind the contact center's credentials becomes a link that the end user's side can open. */
async function deliverable(
  deps: ActivityDeps,
  { account, contactCenter }: SendRequest,
  content: MessageContent | undefined,
): Promise<MessageContent> {
  if (!content) throw new VendorError('rejected', 'The contact center does not have a pending message any more');
  if (content.kind !== 'file' || !('contactCenterFile' in content.source)) return content;
  const name = content.name ?? 'file';
  const url = await deps.fileUrl({ account, contactCenter, file: content.source.contactCenterFile, name });
  if (url) return { ...content, source: { url } };
  throw new VendorError('unsupported', "Agents' files need the setting 'api.publicUrl', where end users fetch them");
}

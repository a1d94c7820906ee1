import { activityInfo, heartbeat } from '@temporalio/activity';
import { IntlMessageFormat } from 'intl-messageformat';
import { VendorError } from '../connectors/shared/errors';
import type { ConversationRef } from '../domain/ids';
import type { CaseRef, Customer } from '../domain/handoff';
import type { Agent, InboundMessage, MessageContent, ReplyAddress, Representative } from '../domain/message';
import type { RoutingFacts } from '../domain/routing';
import { unseen } from './watch/event-forwarder';
import { accountOf, type ActivityDeps } from './deps';
import { toFailure } from './errors';

/** The most of a conversation's past that is handed over. */
export const HISTORY_LIMIT = 1_000;

export interface GatherResult extends RoutingFacts {
  messageIds: string[];
  replyTo?: ReplyAddress;
  customer?: Customer;
}

interface ToEndUser extends ConversationRef {
  replyTo?: ReplyAddress;
  /** The platform's ids of what we sent lately: none of them is this message. */
  knownIds: string[];
  /** Set where an earlier activity may have sent it already: from when on to look for it. */
  sentSince?: string;
}

export interface SendRequest extends ToEndUser {
  representative: Representative;
  /** Each id is ours, the same at every attempt. */
  messages: { messageId: string; content: MessageContent }[];
  contactCenter: string;
}

export interface SayRequest extends ToEndUser {
  messageId: string;
  /** An ICU message. */
  template: string;
  language?: string;
  params: Record<string, string>;
}

export interface AnnounceRequest extends ConversationRef {
  eventId: string;
  change: 'joined' | 'left';
  agent: Agent;
}

export interface LinkRequest extends ConversationRef {
  handoffId: string;
  contactCenter: string;
  case: CaseRef;
}

export interface MissedRequest extends ConversationRef {
  handoffId: string;
  /** ISO 8601. */
  since: string;
}

/** What a handoff does on the side of the end user and the bot. */
export function platformActivities(deps: ActivityDeps) {
  const platformOf = (account: string) => accountOf(deps, account).platform;

  return {
    /** Reads what the conversation says of itself. The texts stay where they are: the case's opening reads them again. */
    async gather({ account, conversationId }: ConversationRef): Promise<GatherResult> {
      const platform = platformOf(account);
      const [{ entries }, context] = await Promise.all([
        platform.readHistory(conversationId, { limit: HISTORY_LIMIT }),
        platform.readContext(conversationId),
      ]);
      const messageIds = entries.flatMap(({ id }) => id ?? []);
      return { ...context, messageIds };
    },

    /**
     * Sends messages in order, and answers with the platform's ids of them. How far it came travels in the heartbeat
     * and in the failure: the next attempt goes on behind what is out, and looks first what became of the rest.
     */
    async send(request: SendRequest): Promise<string[]> {
      const { account, conversationId, representative, replyTo, messages } = request;
      const sent = [...((activityInfo().heartbeatDetails as string[] | undefined) ?? [])];
      try {
        for (const { messageId, content } of messages.slice(sent.length)) {
          const { platformId } = await platformOf(account).send({
            conversationId,
            messageId,
            representative,
            replyTo,
            content: await deliverable(deps, request, content),
            readBack: readBack(request, sent),
          });
          sent.push(platformId);
          heartbeat(sent);
        }
        return sent;
      } catch (error) {
        throw toFailure(error, sent);
      }
    },

    /** Says something of the service's own, as the bot's side. */
    async say(request: SayRequest): Promise<{ platformId: string }> {
      const { account, conversationId, messageId, replyTo, template, language, params } = request;
      const text = formatted(template, language, params);
      return platformOf(account).send({
        conversationId,
        messageId,
        representative: { type: 'BOT' },
        replyTo,
        content: { kind: 'text', text },
        readBack: readBack(request),
      });
    },

    async announce({ account, conversationId, eventId, change, agent }: AnnounceRequest): Promise<void> {
      const platform = platformOf(account);
      const event = { conversationId, eventId, agent };
      await (change === 'joined' ? platform.agentJoined?.(event) : platform.agentLeft?.(event));
    },

    async link({ account, conversationId, ...link }: LinkRequest): Promise<void> {
      await platformOf(account).link(conversationId, link);
    },

    /** The end user's messages since then that have not reached the handoff yet. */
    async readMissed({ account, conversationId, handoffId, since }: MissedRequest): Promise<InboundMessage[]> {
      const messages = await inboundSince(platformOf(account), conversationId, since);
      const events = messages.map((message) => ({ type: 'inbound', message }) as const);
      return (await unseen(deps.client, handoffId, events)).map(({ message }) => message);
    },

    /** Done only once the platform itself says that it is closed: until then the bot hears nothing. */
    async closeConversation({ account, conversationId }: ConversationRef): Promise<void> {
      const platform = platformOf(account);
      await platform.close(conversationId);
      if (await platform.isClosed(conversationId)) return;
      throw new VendorError('unavailable', 'The platform took the closing but says that the conversation is open.');
    },
  };
}

/** The end user's messages of a conversation since a time, as events would have brought them. */
export async function inboundSince(
  platform: ReturnType<typeof accountOf>['platform'],
  conversationId: string,
  since: string,
): Promise<InboundMessage[]> {
  if (!platform.capabilities.history) return [];
  // All of them: with a limit the oldest would be left out, and come after the others once their webhooks arrive.
  const { entries } = await platform.readHistory(conversationId, { since });
  return entries.flatMap(({ id, at, author, content }) => (author === 'end-user' && id ? [{ id, at, content }] : []));
}

/** Settings and calls are checked, but a text that cannot be formatted must not hold the lane of those who write. */
function formatted(template: string, language: string | undefined, params: Record<string, string>): string {
  try {
    return String(new IntlMessageFormat(template, localeOf(language)).format(params));
  } catch {
    throw new VendorError('rejected', 'One of the texts in the settings is no ICU message with the parameter {agent}.');
  }
}

/** `de_AT` and the like come from bots' metadata. */
function localeOf(language: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(language?.replaceAll('_', '-'))[0] ?? 'en';
  } catch {
    return 'en';
  }
}

/** An attempt may have got through unseen; so any but the first looks before it sends. */
function readBack({ knownIds, sentSince }: ToEndUser, sent: string[] = []) {
  const { attempt, scheduledTimestampMs } = activityInfo();
  if (attempt === 1 && !sentSince) return undefined;
  return { since: sentSince ?? new Date(scheduledTimestampMs).toISOString(), knownIds: [...knownIds, ...sent] };
}

/** A file behind the contact center's credentials becomes a link that the end user's side can open. */
async function deliverable(
  deps: ActivityDeps,
  { account, contactCenter }: SendRequest,
  content: MessageContent,
): Promise<MessageContent> {
  if (content.kind !== 'file' || !('contactCenterFile' in content.source)) return content;
  const name = content.name ?? 'file';
  const url = await deps.fileUrl({ account, contactCenter, file: content.source.contactCenterFile, name });
  if (url) return { ...content, source: { url } };
  throw new VendorError('unsupported', "Files of agents need the setting 'api.publicUrl', where end users fetch them.");
}

import { IntlMessageFormat } from 'intl-messageformat';
import type { Platform } from '../connectors/platform';
import { asUnavailable, VendorError } from '../connectors/shared/errors';
import { boundedEvent, boundedId } from '../domain/bounded-event';
import type { PlatformEvent } from '../domain/events';
import { PLATFORM, type ConversationRef } from '../domain/ids';
import { splitForSignals } from '../domain/limits';
import { boundedContext } from './bounded-context';
import { accountOf, type ActivityDeps } from './deps';
import type { Progress } from './progress';
import type {
  AnnounceRequest,
  GatherAnswer,
  LinkRequest,
  MissedAnswer,
  MissedRequest,
  SayRequest,
  SendRequest,
  SentPart,
} from './requests';
import { activity, type Kind } from './run';
import { readBackOf, sendMessages } from './send';
import { confirmed } from './verify';
import { unseen } from './watch/event-forwarder';

/** The most of a conversation's history that is handed over. */
export const HISTORY_LIMIT = 1_000;

const RELAY: Kind<ConversationRef> = { priority: 'relay', connection: () => PLATFORM };
const OPEN: Kind<ConversationRef> = { priority: 'open', connection: () => PLATFORM };
const CHANGE = { ...RELAY, logged: () => ({}) };
const LINK = { ...OPEN, logged: ({ case: ref }: LinkRequest) => ({ case: ref.id }) };
const SEND: Kind<SendRequest, SentPart[]> = {
  ...RELAY,
  logged: ({ messages }, sent) => ({
    messageIds: messages.map(({ id }) => id),
    ...(sent && { platformIds: sent.map(({ platformId }) => platformId) }),
  }),
};
/** Our own id of such a message holds the nonce of its case keys, which no log is to show. */
const SAY: Kind<SayRequest, { platformId: string }> = {
  ...RELAY,
  logged: (_request, sent) => (sent ? { platformIds: [sent.platformId] } : {}),
};
/** Worth a line where it found something. */
const READ_MISSED: Kind<MissedRequest, MissedAnswer> = {
  ...RELAY,
  logged: (_request, { messages } = { messages: [], more: false }) =>
    messages.length > 0 ? { messageIds: messages.map(({ id }) => id) } : undefined,
};

/** What a handoff does on the side of the end user and the bot. */
export function platformActivities(deps: ActivityDeps) {
  const platformOf = ({ account }: { account: string }) => accountOf(deps, account).platform;

  return {
    /** Reads what the conversation says of itself. The texts stay where they are: opening the case reads them again. */
    gather: activity(deps, OPEN, async (request: ConversationRef): Promise<GatherAnswer> => {
      const platform = platformOf(request);
      const { conversationId } = request;
      const [history, context] = await Promise.all([
        platform.history?.read(conversationId, { limit: HISTORY_LIMIT }),
        platform.readContext(conversationId),
      ]);
      const messageIds = (history?.entries ?? []).flatMap(({ id }) => (id ? [boundedId(id)] : []));
      return { ...boundedContext(context), messageIds };
    }),

    send: activity(deps, SEND, sendMessages(deps)),

    /** Sends one of our own texts, as the bot's side. */
    say: activity(deps, SAY, async (request: SayRequest, progress): Promise<{ platformId: string }> => {
      const { conversationId, messageId, replyTo, template, language, params } = request;
      const content = { kind: 'text' as const, text: formatted(template, language, params) };
      const representative = { type: 'BOT' as const };
      const readBack = readBackOf(request, progress);
      return platformOf(request).send({ conversationId, messageId, representative, replyTo, content, readBack });
    }),

    announce: activity(deps, CHANGE, async (request: AnnounceRequest): Promise<void> => {
      const { conversationId, eventId, change, agent } = request;
      await platformOf(request).representatives?.[change]({ conversationId, eventId, agent });
    }),

    link: activity(deps, LINK, async (request: LinkRequest): Promise<void> => {
      const { conversationId, handoffId, contactCenter, case: ref } = request;
      await platformOf(request).link(conversationId, { handoffId, contactCenter, case: ref });
    }),

    /** The end user's messages since then that have not reached the handoff yet, as many as one answer may carry. */
    readMissed: activity(deps, READ_MISSED, async (request: MissedRequest): Promise<MissedAnswer> => {
      const { conversationId, handoffId, since } = request;
      const events = await inboundSince(platformOf(request), conversationId, since);
      const bounded = events.map((event) => boundedEvent(event, deps.limits));
      const [first = [], ...rest] = splitForSignals(await unseen(deps.client, handoffId, bounded));
      const messages = first.flatMap((event) => (event.type === 'inbound' ? [event.message] : []));
      return { messages, more: rest.length > 0 };
    }),

    /** Whether the conversation is over: only the platform's own, repeated word counts. */
    checkConversation: activity(deps, RELAY, async (request: ConversationRef, progress) => ({
      status: await conversationStatus(platformOf(request), request, progress),
    })),

    /** Done only once the platform itself says that it is closed: until then the bot stays paused. */
    closeConversation: activity(deps, CHANGE, async (request: ConversationRef, progress) => {
      const platform = platformOf(request);
      await unlessGone(() => platform.close(request.conversationId));
      const status = await conversationStatus(platform, request, progress);
      if (status !== 'open') return { status };
      throw new VendorError(
        'unavailable',
        'The platform accepted the close request but reports the conversation as open',
      );
    }),
  };
}

/** A refusal to close is not final, whatever the platform calls it: the conversation has to be closed. */
async function unlessGone(close: () => Promise<void>): Promise<void> {
  try {
    await close();
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    if (error.kind === 'not-found' || error.kind === 'conversation-closed') return;
    throw asUnavailable(error);
  }
}

async function conversationStatus(
  platform: Platform,
  { conversationId }: ConversationRef,
  progress: Progress,
): Promise<'open' | 'closed' | 'not-found'> {
  return confirmed(progress, async () => ((await platform.isClosed(conversationId)) ? 'closed' : 'open'));
}

/** The end user's messages of a conversation since a time, as events would have brought them. */
export async function inboundSince(
  { history }: Platform,
  conversationId: string,
  since: string,
): Promise<PlatformEvent[]> {
  if (!history) return [];
  // All of them: with a limit the oldest would be left out, and come after the others once their webhooks arrive.
  const { entries } = await history.read(conversationId, { since });
  return entries.flatMap(({ id, at, author, name, content }): PlatformEvent[] => {
    if (author !== 'end-user' || !id) return [];
    return [{ type: 'inbound', message: { id, at, ...(name && { author: name }), content } }];
  });
}

/** Settings and calls are checked, but a text that cannot be formatted must not hold up the messages behind it. */
function formatted(template: string, language: string | undefined, params: Record<string, string>): string {
  try {
    return String(new IntlMessageFormat(template, localeOf(language)).format(params));
  } catch {
    throw new VendorError('rejected', 'A text in the settings is not a valid ICU message with the parameter {agent}');
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

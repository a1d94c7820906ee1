import type { BusinessMessagesSimulator, ConversationView, TimelineEntry } from '../business-messages';
import { isOvertaken, stillTypes, type Phone } from './phone';
import type { EndUserView, Line, SpeakerView, SuggestionView, TypingView } from './view';

type AgentMessage = Extract<TimelineEntry, { kind: 'agent-message' }>;
type Representative = AgentMessage['representative'];

/** Each end user has one conversation, which never ends. Only the handoff API knows whether the bot gets its messages. */
export function businessMessagesPhone(simulator: BusinessMessagesSimulator, account: string): Phone {
  const find = (id: string) => simulator.endUsers.conversations().find(({ conversationId }) => conversationId === id);
  return {
    id: 'business-messages',
    label: 'Business Messages',
    account,
    endUsers: () => simulator.endUsers.conversations().reverse().map(endUserOf),
    view(endUserId) {
      const conversation = find(endUserId);
      if (!conversation) return undefined;
      const { timeline, representative } = conversation;
      return {
        endUser: endUserOf(conversation),
        conversationId: conversation.conversationId,
        open: true,
        representative: { type: representative.representativeType, ...speakerOf(representative) },
        typing: typingIn(timeline),
        suggestions: suggestionsOf(timeline),
        lines: timeline.flatMap((entry) => lineOf(entry, conversation)),
      };
    },
    conversationsOf: (endUserId) => (find(endUserId) ? [endUserId] : []),
    endUserOf(conversationId) {
      const conversation = find(conversationId);
      return conversation && endUserOf(conversation);
    },
  };
}

function endUserOf({ conversationId: id, context }: ConversationView): EndUserView {
  return { id, name: context.userInfo.displayName };
}

function speakerOf({ displayName: name, avatarImage: avatarUrl }: Representative): SpeakerView {
  return { name, avatarUrl };
}

function typingIn(timeline: TimelineEntry[]): TypingView | undefined {
  const index = timeline.findLastIndex(({ kind }) => kind === 'agent-message' || kind === 'event');
  const last = timeline[index];
  if (last?.kind !== 'event' || last.eventType !== 'TYPING_STARTED' || !stillTypes(last.at)) return undefined;
  if (isOvertaken(last.at, timeline.slice(0, index).findLast(({ kind }) => kind === 'agent-message')?.at))
    return undefined;
  return { ...speakerOf(last.representative), since: last.at };
}

/** Only the suggestions of the last message can be tapped. */
function suggestionsOf(timeline: TimelineEntry[]): SuggestionView[] {
  const last = timeline.findLast(({ kind }) => kind === 'agent-message' || kind === 'end-user-message');
  if (last?.kind !== 'agent-message') return [];
  return (last.suggestions ?? []).flatMap(({ reply, liveAgentRequest }): SuggestionView[] => {
    if (liveAgentRequest) return [{ text: 'Talk to a person', action: 'request-live-agent' }];
    return reply ? [{ text: reply.text, action: 'suggestion' }] : [];
  });
}

const MOMENTS: Partial<Record<string, string>> = { REPRESENTATIVE_JOINED: 'joined', REPRESENTATIVE_LEFT: 'left' };

function lineOf(entry: TimelineEntry, { conversationId, context }: ConversationView): Line[] {
  const { at } = entry;
  switch (entry.kind) {
    case 'end-user-message':
      return [{ id: entry.messageId, at, author: 'end-user', name: context.userInfo.displayName, text: entry.text }];
    case 'agent-message': {
      const author = entry.representative.representativeType === 'HUMAN' ? 'agent' : 'bot';
      return [{ id: entry.messageId, at, author, ...speakerOf(entry.representative), text: textOf(entry) }];
    }
    case 'event': {
      const moment = MOMENTS[entry.eventType];
      const { name, avatarUrl } = speakerOf(entry.representative);
      return moment ? [{ id: entry.eventId, at, author: 'moment', text: `${name} ${moment}`, avatarUrl }] : [];
    }
    case 'survey':
      return [{ id: `${conversationId} ${entry.surveyId}`, at, author: 'moment', text: 'A survey was sent' }];
  }
}

/** For pictures and cards, the text that devices without them show. */
function textOf({ text, fallback, image }: AgentMessage): string {
  return text ?? fallback ?? (image ? '[picture]' : '[card]');
}

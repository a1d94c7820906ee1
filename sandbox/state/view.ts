import type { HandoffView, MessageView } from '../../domain/handoff';
import type { ProcessesView } from '../launch/supervisor';
import type { WebhookFault } from '../shared/faults';

/** What `GET /state` answers: all that the page shows, joined from the simulators and the handoff API. */
export interface SandboxState {
  links: { apiDocs: string; temporalUi?: string };
  /** Why something cannot be shown, in words for a person. */
  problem?: string;
  platforms: { id: string; label: string }[];
  /** The chosen platform's end users, latest first. */
  endUsers: EndUserView[];
  /** Absent until the chosen end user has written. */
  phone?: PhoneView;
  handoff?: Omit<HandoffView, 'replyTo'>;
  /** The messages of the handoff, oldest first. */
  deliveries: DeliveryView[];
  /** Set while the handoff cannot be read, which leaves what was known before: when it was read last, ISO 8601. */
  staleSince?: string;
  /** The handoff in the Temporal UI. */
  workflowUrl?: string;
  /** The case that is asked for, or the end user's latest one. */
  desk?: CaseView;
  /** All cases of the end user, latest first. */
  cases: CaseSummary[];
  /** The processes of `npm start`; absent if something else has started the sandbox. */
  running?: ProcessesView;
  faults: { platform: WebhookFault['delivery']; desk: WebhookFault['delivery'] };
}

export interface EndUserView {
  /** The end user's address on the platform. */
  id: string;
  name: string;
}

/** What an end user sees of all conversations, and the state of the latest one. */
export interface PhoneView {
  endUser: EndUserView;
  conversationId: string;
  open: boolean;
  bot: 'listening' | 'paused';
  /** Who speaks to the end user now. */
  representative: SpeakerView & { type: 'BOT' | 'HUMAN' };
  /** The agent who types. */
  typing?: TypingView;
  /** The suggestions of the last message. */
  suggestions: SuggestionView[];
  lines: Line[];
}

export interface SpeakerView {
  name?: string;
  avatarUrl?: string;
}

export type TypingView = SpeakerView & { since: string };

export interface SuggestionView {
  text: string;
  /** The control of the platform's simulator that taps it. */
  action: 'suggestion' | 'request-live-agent';
}

export interface CaseSummary {
  caseId: string;
  open: boolean;
  /** ISO 8601. */
  openedAt: string;
  queue?: string;
}

/** A case as its agents see it. */
export interface CaseView extends CaseSummary {
  /** Who writes, with the addresses that the desk knows. */
  endUser: { name: string; addresses: string[] };
  /** Names of those who have joined. */
  agents: string[];
  /** Queue, priority, language and tags, in words. */
  tags: string[];
  /** The end user types. */
  typing?: TypingView;
  lines: Line[];
}

/** One line of a conversation. A `moment` is not a message but an event, such as an agent who joins. */
export interface Line extends Partial<Pick<MessageView, 'deliveryStatus' | 'reason'>> {
  id: string;
  /** ISO 8601. */
  at: string;
  author: 'end-user' | 'bot' | 'agent' | 'system' | 'note' | 'moment';
  name?: string;
  avatarUrl?: string;
  text: string;
  /** Part of the transcript that the case began with. */
  past?: boolean;
}

/** A message's delivery status, with its text where the phone or the desk shows it. */
export type DeliveryView = MessageView & { text?: string };

/** The handoff's view holds no texts, so they come from what the phone and the desk show. */
export function withTexts(messages: MessageView[], lines: Line[]): DeliveryView[] {
  const texts = new Map(lines.map(({ id, text }) => [id, text]));
  return messages.map((message) => ({ ...message, text: texts.get(message.id) }));
}

/** Adds the delivery statuses that the handoff has for these lines. */
export function withStatuses(lines: Line[], direction: MessageView['direction'], messages: MessageView[]): Line[] {
  const statuses = new Map(messages.filter((message) => message.direction === direction).map((one) => [one.id, one]));
  return lines.map((line) => {
    const known = statuses.get(line.id);
    return known ? { ...line, deliveryStatus: known.deliveryStatus, reason: known.reason } : line;
  });
}

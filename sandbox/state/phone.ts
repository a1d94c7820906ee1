import type { EndUserView, PhoneView } from './view';

/** A platform's simulator, shown as a phone on the page. */
export interface Phone {
  /** As in the page's URL. */
  id: string;
  label: string;
  /** The account whose platform it is. */
  account: string;
  /** Latest first. */
  endUsers(): EndUserView[];
  view(endUserId: string): PhoneReading | undefined;
  /** Oldest first. */
  conversationsOf(endUserId: string): string[];
  /** Whose conversation this is. */
  endUserOf(conversationId: string): EndUserView | undefined;
}

/** What the platform itself knows. The rest follows from the handoff. */
export type PhoneReading = Omit<PhoneView, FromHandoff> & Partial<Pick<PhoneView, FromHandoff>>;
type FromHandoff = 'bot' | 'representative';

/** While someone types, this is reported every few seconds. Without a report for this long, it is over. */
const TYPING_LASTS_MS = 6_000;

/** Whether someone still types who was last reported to type at this time, ISO 8601. */
export function stillTypes(at: string | undefined): at is string {
  return at !== undefined && Date.now() - Date.parse(at) < TYPING_LASTS_MS;
}

/** So soon after a message, a report of typing is about that message, which has overtaken it on its way. */
const OVERTAKEN_MS = 1_000;

/** Whether a report of typing is about a message that is there already. */
export function isOvertaken(typingAt: string, messageAt: string | undefined): boolean {
  return messageAt !== undefined && Date.parse(typingAt) - Date.parse(messageAt) < OVERTAKEN_MS;
}

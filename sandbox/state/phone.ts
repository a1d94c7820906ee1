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

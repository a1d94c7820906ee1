import type { EndUserView, PhoneView } from './view';

/** A platform's simulator as the page's phone. */
export interface Phone {
  /** As in the page's address. */
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

/** A sign of typing is sent again while it lasts, each few seconds; after this time it is over. */
const TYPING_LASTS_MS = 6_000;

/** Whether someone who was seen to type at this time, ISO 8601, still does. */
export function stillTypes(at: string | undefined): at is string {
  return at !== undefined && Date.now() - Date.parse(at) < TYPING_LASTS_MS;
}

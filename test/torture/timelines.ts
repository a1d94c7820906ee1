import type { JournalEntry } from '../../sandbox/shared/journal';

/** What happened to one conversation, as all sides saw it: printed for one that went wrong. */
export interface Moment {
  at: string;
  who: string;
  what: string;
}

const KEPT = 400;

export class Timelines {
  private readonly moments = new Map<string, Moment[]>();

  /** Of a vendor's journal. */
  add(conversationId: string, who: string, { at, attempt, status }: JournalEntry, what: string): void {
    const result = [attempt, what.startsWith('webhook') && status].filter((one) => typeof one === 'number');
    this.note(conversationId, who, [what, ...result].join(' → '), at);
  }

  note(conversationId: string, who: string, what: string, at = new Date().toISOString()): void {
    const all = this.moments.get(conversationId) ?? [];
    all.push({ at, who, what });
    if (all.length > KEPT) all.shift();
    this.moments.set(conversationId, all);
  }

  /** What befell everybody is part of each. */
  of(conversationId: string): Moment[] {
    const all = [...(this.moments.get(conversationId) ?? []), ...(this.moments.get(EVERYBODY) ?? [])];
    return all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }
}

/** The name under which disturbances are noted. */
export const EVERYBODY = '*';

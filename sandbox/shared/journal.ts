/** Something that a simulator did or was asked to do. `kind` is one word, such as `call` or `webhook`. */
export type JournalEntry = { seq: number; at: string; kind: string } & Record<string, unknown>;

interface JournalOptions {
  capacity?: number;
  now?: () => Date;
  /** Gets every entry, also those that are not kept. */
  onEntry?: (entry: JournalEntry) => void;
}

/** A log of a simulator's traffic, for the page and for tests. Keeps only the latest entries. */
export class Journal {
  private entries: JournalEntry[] = [];
  private seq = 0;

  constructor(private readonly options: JournalOptions = {}) {}

  append(kind: string, details: Record<string, unknown> = {}): JournalEntry {
    const { capacity = 2_000, now = () => new Date(), onEntry } = this.options;
    const entry = { ...details, seq: ++this.seq, at: now().toISOString(), kind };
    this.entries.push(entry);
    if (this.entries.length > capacity) this.entries.shift();
    onEntry?.(entry);
    return entry;
  }

  /** The kept entries after this sequence number, oldest first; all of them after 0. */
  since(seq = 0): JournalEntry[] {
    return this.entries.filter((entry) => entry.seq > seq);
  }

  /** Removes the entries. The numbering continues, so that readers who ask for later entries miss nothing. */
  clear(): void {
    this.entries = [];
  }
}

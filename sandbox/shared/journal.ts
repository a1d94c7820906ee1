/** Something that a simulator did or was asked to do. `kind` is one word, such as `call` or `webhook`. */
export type JournalEntry = { seq: number; at: string; kind: string } & Record<string, unknown>;

/** A log of a simulator's traffic, for the page and for tests. Keeps only the latest entries. */
export class Journal {
  private entries: JournalEntry[] = [];
  private seq = 0;

  constructor(
    private readonly capacity = 2_000,
    private readonly now: () => Date = () => new Date(),
  ) {}

  append(kind: string, details: Record<string, unknown> = {}): JournalEntry {
    const entry = { ...details, seq: ++this.seq, at: this.now().toISOString(), kind };
    this.entries.push(entry);
    if (this.entries.length > this.capacity) this.entries.shift();
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

/** What a simulator did or was asked, in the order in which it happened. `kind` is one word: `call`, `webhook`. */
export type JournalEntry = { seq: number; at: string; kind: string } & Record<string, unknown>;

/** A simulator's memory of its traffic, for its page and for tests. Only the latest entries are kept. */
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

  /** Forgets the entries. Numbers go on, so that whoever reads on from an earlier one misses nothing. */
  clear(): void {
    this.entries = [];
  }
}

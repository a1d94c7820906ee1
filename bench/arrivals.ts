/** When the messages that are sent reach the vendor. What else reaches it, the service's own words, does not count. */
export class Arrivals {
  private readonly expected = new Set<string>();
  private readonly times = new Map<string, number>();
  /** How many came although they had come before. */
  doubled = 0;

  expect(texts: string[]): void {
    for (const text of texts) this.expected.add(text);
  }

  note(text: string): void {
    if (!this.expected.has(text)) return;
    if (this.times.has(text)) this.doubled++;
    else this.times.set(text, performance.now());
  }

  /** By `performance.now()`; undefined as long as it has not come. */
  timeOf(text: string): number | undefined {
    return this.times.get(text);
  }
}

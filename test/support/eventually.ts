import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition rather than for a time; says what it waited for when it gives up. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  { withinMs = 30_000, everyMs = 50 } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  let trouble: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      trouble = error;
    }
    await delay(everyMs);
  }
  throw new Error(`gave up waiting until ${what}${trouble instanceof Error ? ` (${trouble.message})` : ''}`);
}

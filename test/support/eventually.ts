import { setTimeout as delay } from 'node:timers/promises';

/** Polls until a condition holds, rather than sleeping; the error names the condition and the last failure. */
export async function eventually<T>(
  what: string,
  poll: () => T | undefined | Promise<T | undefined>,
  { withinMs = 60_000, everyMs = 50 } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  let lastError: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await poll();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      lastError = error;
    }
    await delay(everyMs);
  }
  throw new Error(`timed out waiting until ${what}${lastError instanceof Error ? ` (${lastError.message})` : ''}`);
}

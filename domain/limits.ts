import type { HandoffEvent } from './events';

/**
 * How much a handoff may hold. A workflow's state travels through continue-as-new as one payload, of which Temporal
 * takes 2 MiB; the state stays below half of that, whatever arrives.
 */
export const STATE_BUDGET_BYTES = 1024 * 1024;

/**
 * What waited for so long may have been done already, by a handoff that remembers it no more because Temporal was
 * restored from a backup: the vendor is read before it is done again.
 */
export const LATE_MS = 30_000;

const KIB = 1024;

/** The shares of {@link STATE_BUDGET_BYTES}; together they leave room for what is small. */
export const SHARES = {
  /** Contents that are pending in one direction; beyond it a message is kept by reference where it can be read again. */
  pendingContent: 128 * KIB,
  /** All that is pending in one direction, references included; beyond it a message is undeliverable. */
  pending: 300 * KIB,
  /** Agents' coming and going that is pending; more of it is not announced. */
  changes: 32 * KIB,
  /** Undeliverable messages that can be tried again. */
  undeliverable: 48 * KIB,
  /** Keys of events that have arrived. */
  seen: 160 * KIB,
  /** The message log. */
  log: 72 * KIB,
  /** What the platform said about the conversation. */
  context: 40 * KIB,
  /** What was relayed lately, for the transcript of a later case; only where the platform cannot be read. */
  relayed: 48 * KIB,
} as const;

/** What one signal may carry. */
const SIGNAL = { events: 100, bytes: 256 * KIB };

/** The size of a value as it is stored: UTF-8 bytes of its JSON. */
export function jsonBytes(value: unknown): number {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? 0 : new TextEncoder().encode(json).length;
}

const sizes = new WeakMap<object, number>();

/** {@link jsonBytes} of something that is never changed, measured once. */
export function sizeOf(item: unknown): number {
  if (typeof item !== 'object' || item === null) return jsonBytes(item);
  const known = sizes.get(item);
  if (known !== undefined) return known;
  const size = jsonBytes(item);
  sizes.set(item, size);
  return size;
}

/** The bytes of a list as it is stored, its commas included. */
export function listBytes(items: unknown[]): number {
  return items.reduce<number>((sum, item) => sum + sizeOf(item) + 1, 2);
}

/** The events in signals that stay within what one may carry, in order. */
export function splitForSignals(events: HandoffEvent[]): HandoffEvent[][] {
  const signals: HandoffEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = jsonBytes(event);
    const last = signals.at(-1);
    if (last && last.length < SIGNAL.events && bytes + size <= SIGNAL.bytes) {
      last.push(event);
      bytes += size;
    } else {
      signals.push([event]);
      bytes = size;
    }
  }
  return signals;
}

/** The latest of these that fit into so many bytes, and into `count`. */
export function latestWithin<T>(items: T[], maxBytes: number, count = Infinity): T[] {
  let bytes = 0;
  let start = items.length;
  while (start > 0 && items.length - start < count) {
    bytes += sizeOf(items[start - 1]) + 1;
    if (bytes > maxBytes) break;
    start--;
  }
  return start === 0 ? items : items.slice(start);
}

/** Lets in a limited number at a time. */
export interface Gate {
  /**
   * Undefined where the gate is full; else the function by which whoever came in leaves. Of the whole, one origin (a
   * connection, an API key) may have half, so that one alone cannot keep the others out.
   */
  enter(origin: string): (() => void) | undefined;
  isFull(origin: string): boolean;
}

/** @param max a number, or a function where it changes with time. */
export function createGate(max: number | (() => number)): Gate {
  const limit = typeof max === 'number' ? () => max : max;
  const inside = new Map<string, number>();
  let total = 0;
  const isFull = (origin: string) => total >= limit() || (inside.get(origin) ?? 0) >= Math.ceil(limit() / 2);
  return {
    isFull,
    enter(origin) {
      if (isFull(origin)) return undefined;
      total++;
      inside.set(origin, (inside.get(origin) ?? 0) + 1);
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        total--;
        const left = inside.get(origin)! - 1;
        if (left > 0) inside.set(origin, left);
        else inside.delete(origin);
      };
    },
  };
}

/** Lets in a limited number at a time. */
export interface Gate {
  /**
   * Undefined where the gate is full; else the function by which whoever came in leaves. Of the whole, one origin (a
   * connection, an API key) may have half, so that one alone cannot keep the others out.
   */
  enter(origin: string): (() => void) | undefined;
}

export function createGate(max: number): Gate {
  const share = Math.ceil(max / 2);
  const inside = new Map<string, number>();
  let total = 0;
  return {
    enter(origin) {
      const own = inside.get(origin) ?? 0;
      if (total >= max || own >= share) return undefined;
      total++;
      inside.set(origin, own + 1);
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

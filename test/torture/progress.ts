import type { WriteStream } from 'node:tty';

/** How far a run is: of so many. */
export interface Status {
  steps: [done: number, of: number];
  over: [done: number, of: number];
  arrived: number;
}

/** Says what a run does: on a terminal a bar that moves, elsewhere a line now and then. */
export interface Progress {
  say(line: string): void;
  show(status: Status): void;
  end(): void;
}

const EVERY_MS = 10_000;
const WIDTH = 24;

export function createProgress(out: NodeJS.WritableStream & Partial<WriteStream>): Progress {
  let shownAt = 0;
  let isBarShown = false;
  const clear = () => {
    if (isBarShown) out.write('\r\x1b[K');
    isBarShown = false;
  };
  return {
    say(line) {
      clear();
      out.write(`${line}\n`);
    },
    show(status) {
      if (out.isTTY) {
        out.write(`\r\x1b[K${wordsOf(status)}`);
        isBarShown = true;
      } else if (Date.now() - shownAt >= EVERY_MS) {
        shownAt = Date.now();
        out.write(`${wordsOf(status)}\n`);
      }
    },
    end: clear,
  };
}

/** For tests: what goes wrong is in the outcome. */
export const SILENT: Progress = { say: () => undefined, show: () => undefined, end: () => undefined };

function wordsOf({ steps, over, arrived }: Status): string {
  const part = steps[0] / Math.max(1, steps[1]);
  const bar = '█'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '░');
  return `${bar} ${steps[0]}/${steps[1]} steps, ${arrived} messages arrived, ${over[0]}/${over[1]} conversations over`;
}

import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

export interface ChildSpec {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Gets everything the child prints, from the beginning of this run. */
  logFile: string;
  /** Called with each line that the child prints, for those that belong on the terminal. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface Child {
  name: string;
  logFile: string;
  /** The exit code, once it has ended; a signal counts as 1. */
  ended: Promise<number>;
  /** What it printed last, oldest first. */
  lastLines: () => string[];
  /** Asks it to end; after `graceMs` it is killed. Resolves when it is gone. */
  stop: (graceMs?: number) => Promise<void>;
}

/**
 * Runs a command that ends with us, however we end: when its standard input closes, it gets SIGTERM. Closing that pipe
 * is how we stop it, and what the system does for us where we are killed.
 */
const ENDS_WITH_US = `
exec 3<&0
"$@" 3<&- &
child=$!
{ cat <&3 >/dev/null; kill "$child"; } 2>/dev/null &
wait "$child"
`;
const KEPT_LINES = 15;

/** Starts a child in a process group of its own, so that Ctrl-C reaches us alone and we choose the order of the end. */
export function startChild({ name, command, args, env, cwd, logFile, onLine }: ChildSpec): Child {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const child = spawn('/bin/sh', ['-c', ENDS_WITH_US, name, command, ...args], { env, cwd, detached: true });
  const lines: string[] = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => {
      log.write(`${line}\n`);
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line, stream);
    });
  }
  // Writing to a pipe whose reader is gone is no news: `ended` tells it.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      child.stdin.end();
      resolve(code ?? 1);
    });
    child.once('close', () => log.end());
  });
  return { name, logFile, ended, lastLines: () => [...lines], stop };

  async function stop(graceMs = 30_000): Promise<void> {
    const killer = setTimeout(() => killGroup(child.pid), graceMs);
    child.stdin.end();
    await ended.finally(() => clearTimeout(killer));
  }
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader) process.kill(-leader, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}

import { execFile, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

export interface ChildSpec {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Gets everything the child prints. */
  logFile: string;
  /** Adds to the log file instead of starting it anew. */
  appendLog?: boolean;
  /** Called with each line that the child prints, for those that belong on the terminal. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface Child {
  name: string;
  /** Leads its process group; undefined where it could not be started. */
  pid: number | undefined;
  logFile: string;
  /** The exit code, once it has ended. After a signal it is 128 and the signal's number, as in a shell. */
  ended: Promise<number>;
  /** What it printed last, oldest first. */
  lastLines: () => string[];
  /** Asks it to end; after `graceMs` it is killed. Resolves when it is gone. */
  stop: (graceMs?: number) => Promise<void>;
  /** Stops it as it is (SIGSTOP), with everything that it has started, until it is resumed or asked to end. */
  pause: () => void;
  resume: () => void;
  /** Ends it at once and without warning, as `kill -9` does, with everything that it has started. */
  kill: () => void;
}

/**
 * Runs a command that ends with us, however we end: when its standard input closes, it gets SIGTERM. Closing that pipe
 * is how we stop it, and the operating system does the same when we are killed. In Node.js, because not every system
 * has a shell.
 */
const GUARD = `
const [command, ...args] = process.argv.slice(1);
const child = require('node:child_process').spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', ({ message }) => { console.error(message); process.exitCode = 127; process.stdin.destroy(); });
child.on('exit', (code, signal) => process.exit(code ?? 128 + require('node:os').constants.signals[signal]));
// One that is paused ends once it goes on.
const end = () => { child.kill(); child.kill('SIGCONT'); };
process.stdin.on('end', end).on('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill());
`;
/** The exit code of what `kill -9` has ended. */
export const KILLED = 128 + constants.signals.SIGKILL;
const KEPT_LINES = 15;
const IS_WINDOWS = process.platform === 'win32';

/** Starts a child in a process group of its own, so that Ctrl-C reaches us alone and we choose the order of the end. */
export function startChild({ name, command, args, env, cwd, logFile, appendLog, onLine }: ChildSpec): Child {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: appendLog ? 'a' : 'w' });
  // A group of its own would open a window of its own on Windows.
  const options = { env, cwd, detached: !IS_WINDOWS, windowsHide: true };
  const child = spawn(process.execPath, ['-e', GUARD, '--', command, ...args], options);
  const lines: string[] = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => {
      log.write(`${line}\n`);
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line, stream);
    });
  }
  // Nobody needs the error of a pipe whose reader is gone: `ended` reports the end.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      child.stdin.end();
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
    child.once('close', () => log.end());
  });
  return {
    ...{ name, pid: child.pid, logFile, ended, lastLines: () => [...lines], stop },
    kill: () => killGroup(child.pid),
    pause: () => pauseGroup(child.pid),
    resume: () => signalGroup(child.pid, 'SIGCONT'),
  };

  async function stop(graceMs = 30_000): Promise<void> {
    const killer = setTimeout(() => killGroup(child.pid), graceMs);
    child.stdin.end();
    await ended.finally(() => clearTimeout(killer));
  }
}

function killGroup(leader: number | undefined): void {
  if (!leader) return;
  if (IS_WINDOWS) return void execFile('taskkill', ['/pid', String(leader), '/T', '/F'], () => undefined);
  signalGroup(leader, 'SIGKILL');
}

/** The guard goes on, so that it ends the others when we end. */
function pauseGroup(leader: number | undefined): void {
  signalGroup(leader, 'SIGSTOP');
  if (leader) send(leader, 'SIGCONT');
}

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader) send(-leader, signal);
}

function send(to: number, signal: NodeJS.Signals): void {
  try {
    process.kill(to, signal);
  } catch {
    // Gone in the meantime.
  }
}

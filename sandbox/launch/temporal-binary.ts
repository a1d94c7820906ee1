import { accessSync, constants, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './cache';
import { startChild, type Child } from './child';

/** The newest release that `go install` accepts: later ones have a `replace` in their go.mod. */
const GO_PACKAGE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

const EXE = process.platform === 'win32' ? '.exe' : '';

export interface Search {
  env: NodeJS.ProcessEnv;
  /** Gets a line for what takes long. */
  report: (line: string) => void;
  /** Gets the compiler, which ends by itself, so that whoever ends earlier can end it too. */
  onChild?: (child: Child) => void;
}

/**
 * The Temporal CLI's binary, which contains the development server: the one that is named, else installed, else in our
 * cache, else downloaded, else built. If all of that fails, throws an error that says what to install.
 */
export async function findTemporalBinary(search: Search, fetchServer = download): Promise<string> {
  const { env } = search;
  const cached = join(cacheFolder(env), 'bin', `temporal${EXE}`);
  const found = named(env) ?? onPath('temporal', env) ?? (isExecutable(cached) ? cached : undefined);
  if (found) return found;
  search.report('Fetching the Temporal development server (once) …');
  if (await fetchServer('dev-server', cached)) return cached;
  const obstacle = await build(cached, search);
  if (obstacle === undefined) return cached;
  throw new Error(
    `No Temporal server was found, and none could be downloaded or built (${obstacle}). Do one of these:\n` +
      '  - install the Temporal CLI so that `temporal` is on the PATH (https://docs.temporal.io/cli#install)\n' +
      '  - set TEMPORAL_CLI_PATH to its binary\n' +
      `  - install Go, so that it can be built (go install ${GO_PACKAGE})`,
  );
}

function named({ TEMPORAL_CLI_PATH: path }: NodeJS.ProcessEnv): string | undefined {
  if (path && !isExecutable(path)) throw new Error(`TEMPORAL_CLI_PATH is '${path}', which is not a program.`);
  return path || undefined;
}

export function onPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program + EXE)).find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Lets Temporal's SDK download the server that it prefers, and keeps it as `target`. Resolves with false at once if the
 * host cannot be reached. The SDK cannot download without starting the server.
 */
export async function download(type: 'dev-server' | 'time-skipping', target: string): Promise<boolean> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const downloadDir = join(target, '..');
  mkdirSync(downloadDir, { recursive: true });
  const server = { executable: { type: 'cached-download', downloadDir } } as const;
  try {
    const environment =
      type === 'dev-server'
        ? await TestWorkflowEnvironment.createLocal({ server })
        : await TestWorkflowEnvironment.createTimeSkipping({ server });
    await environment.teardown();
  } catch {
    return false;
  }
  // The file's name contains the SDK's version.
  const prefix = type === 'dev-server' ? 'temporal-sdk-' : 'temporal-test-server-sdk-';
  const file = readdirSync(downloadDir).find((name) => name.startsWith(prefix));
  if (file) renameSync(join(downloadDir, file), target);
  return file !== undefined;
}

/** Resolves with the reason when it did not work. */
async function build(target: string, { env, report, onChild }: Search): Promise<string | undefined> {
  if (!onPath('go', env)) return 'Go is not installed';
  const bin = join(target, '..');
  mkdirSync(bin, { recursive: true });
  const compiler = startChild({
    name: 'Go compiler',
    command: 'go',
    args: ['install', GO_PACKAGE],
    env: { ...env, GOBIN: bin },
    logFile: join(bin, '..', 'go-install.log'),
  });
  onChild?.(compiler);
  const startedAt = Date.now();
  const reportProgress = () =>
    report(`Building it with Go, which takes some minutes: ${Math.round((Date.now() - startedAt) / 1000)} s …`);
  reportProgress();
  const timer = setInterval(reportProgress, 10_000);
  const code = await compiler.ended.finally(() => clearInterval(timer));
  return code === 0 ? undefined : ['`go install` failed:', ...compiler.lastLines()].join('\n');
}

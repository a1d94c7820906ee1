import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the lock file says of the `npm start` that has the folder. */
export interface LockHolder {
  /** Random: what {@link LockHolder.controlUrl} answers with while this very run is there. */
  id: string;
  pid: number;
  /** ISO 8601. */
  startedAt: string;
  controlUrl: string;
  pageUrl: string;
}

/** Another `npm start` has the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';

  constructor(readonly holder: LockHolder) {
    super(`npm start is already running here (process ${holder.pid}, since ${holder.startedAt})`);
  }
}

export interface Lock {
  /** Whether it was left behind by a run that could not clean up. */
  wasStale: boolean;
  release: () => void;
}

const ATTEMPTS = 5;

/**
 * Takes a lock file, or throws {@link FolderInUse}. A process id alone would not do: after a crash another program may
 * have it. So the holder is asked, at its address on this machine, whether it is still the one that wrote the file.
 */
export async function takeLock(file: string, holder: LockHolder): Promise<Lock> {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify(holder, null, 2);
  let wasStale = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (create(file, text)) return { wasStale, release: () => release(file, text) };
    const found = read(file);
    if (found === undefined) continue;
    const other = parse(found);
    if (other && (await isThere(other))) throw new FolderInUse(other);
    wasStale = true;
    remove(file, found);
  }
  throw new Error(`${file} cannot be taken. End every npm start of this folder, delete the file and try again.`);
}

/** False where the file exists already. */
function create(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): LockHolder | undefined {
  try {
    const { id, controlUrl } = JSON.parse(text) as Partial<LockHolder>;
    return id && controlUrl ? (JSON.parse(text) as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

async function isThere({ id, controlUrl }: LockHolder): Promise<boolean> {
  try {
    const answer = await fetch(controlUrl, { signal: AbortSignal.timeout(3_000), redirect: 'error' });
    return ((await answer.json()) as { id?: string }).id === id;
  } catch {
    return false;
  }
}

/** Removes the file only as it was read: another start may have replaced it since, and then it is put back. */
function remove(file: string, expected: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (read(aside) !== expected) linkSync(aside, file);
  } catch {
    // Another start was faster. The next attempt sees what there is now.
  }
  rmSync(aside, { force: true });
}

function release(file: string, text: string): void {
  if (read(file) === text) rmSync(file, { force: true });
}

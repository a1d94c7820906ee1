import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Child } from '../../sandbox/launch/child';
import { freePort } from '../../sandbox/launch/ports';
import { findTemporalBinary, onPath } from '../../sandbox/launch/temporal-binary';
import { connectWhenReady, startTemporalServer } from '../../sandbox/launch/temporal-server';

/** A Temporal server that can be put back to an earlier state, as an operator does it after a disaster. */
export interface RestorableServer {
  address: string;
  /** A backup of the database, while the server runs. */
  backUp(): Promise<void>;
  /** Kills the server, and starts it with the database of the backup. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** Why the database of the development server cannot be backed up here; undefined where it can. */
export function sqliteMissing(): string | undefined {
  return onPath('sqlite3', process.env) ? undefined : 'no sqlite3';
}

/** Temporal's development server with its database in a file. */
export async function startOnSqlite(): Promise<RestorableServer> {
  const folder = mkdtempSync(join(tmpdir(), 'durable-handoff-restore-'));
  const [databaseFile, backup] = [join(folder, 'temporal.db'), join(folder, 'backup.db')];
  const binary = await findTemporalBinary({ env: process.env, report: () => undefined });
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  let server: Child;

  const start = async () => {
    const logFile = join(process.env.TEST_LOGS ?? folder, 'temporal-server-restored.log');
    server = startTemporalServer({ binary, port, databaseFile, logFile, appendLog: true });
    await (await connectWhenReady(server, address)).close();
  };
  await start();
  return {
    address,
    async backUp() {
      await promisify(execFile)('sqlite3', [databaseFile, `.backup '${backup}'`]);
    },
    async restore() {
      server.kill();
      await server.ended;
      // What belongs to the lost database would be applied to the old one.
      for (const suffix of ['-wal', '-shm']) rmSync(databaseFile + suffix, { force: true });
      copyFileSync(backup, databaseFile);
      await start();
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

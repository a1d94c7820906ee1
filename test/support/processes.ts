import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { startChild, type Child } from '../../sandbox/launch/child';
import { freePort } from '../../sandbox/launch/ports';
import { findTemporalBinary } from '../../sandbox/launch/temporal-binary';
import { connectWhenReady, startTemporalServer } from '../../sandbox/launch/temporal-server';

export const ROOT = join(__dirname, '..', '..');

/** Parts of the service as processes of their own, which end together. Their logs are in one folder. */
export class Processes {
  /** Oldest first. */
  readonly children: Child[] = [];

  constructor(private readonly folder: string) {}

  keep(child: Child): Child {
    this.children.push(child);
    return child;
  }

  /** Runs a program with Node.js; one that is started again adds to its log. */
  startNode(name: string, args: string[], env: NodeJS.ProcessEnv, cwd = ROOT): Child {
    const logFile = join(this.folder, `${name}.log`);
    const appendLog = this.children.some((child) => child.name === name);
    return this.keep(startChild({ name, command: process.execPath, args, env, cwd, logFile, appendLog }));
  }

  /** The sandbox's Temporal server with its flags, on a database file in the folder. */
  async startTemporal(port?: number): Promise<{ child: Child; address: string; port: number }> {
    const binary = await findTemporalBinary({
      env: process.env,
      report: console.log,
      onChild: (child) => this.keep(child),
    });
    const own = port ?? (await freePort());
    const files = { databaseFile: join(this.folder, 'temporal.db'), logFile: join(this.folder, 'temporal.log') };
    const child = this.keep(startTemporalServer({ binary, port: own, ...files, appendLog: port !== undefined }));
    return { child, address: `127.0.0.1:${own}`, port: own };
  }

  /** Those that use others end first. */
  async stopAll(graceMs = 5_000): Promise<void> {
    for (const child of [...this.children].reverse()) await child.stop(graceMs);
  }
}

/** A client of a Temporal server that has just been started, once it answers. */
export async function clientWhenReady(server: Child, address: string): Promise<Client> {
  return new Client({ connection: await connectWhenReady(server, address) });
}

/** Whether an API says that it is ready. */
export async function answers(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
}

/** This shell's environment as production has it: a TEMPORAL variable of it would lead to another server. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|HANDOFF_CONFIG$|NODE_)/.test(name));
  return { ...Object.fromEntries(entries), NODE_ENV: 'production' };
}

import type { Child } from '../../sandbox/launch/child';
import { freePort } from '../../sandbox/launch/ports';
import { clientWhenReady, type Processes } from '../support/processes';

/** A Temporal server that can be killed, and started again with all that it had. */
export interface TemporalServer {
  port: number;
  address: string;
  /** Ends it at once, or asks it to end. */
  end(how: 'kill' | 'restart'): Promise<void>;
  /** Starts it again; resolves when it is ready. */
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends it and what it runs on. */
  close(): Promise<void>;
}

const STOP_GRACE_MS = 20_000;

/** The development server on a database file. */
export async function startOnSqlite(processes: Processes): Promise<TemporalServer> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  let child!: Child;
  const start = async () => {
    ({ child } = await processes.startTemporal(port));
    await (await clientWhenReady(child, address)).connection.close();
  };
  await start();
  return {
    ...{ port, address, start },
    async end(how) {
      if (how === 'kill') child.kill();
      else await child.stop(STOP_GRACE_MS);
      await child.ended;
    },
    pause: () => child.pause(),
    resume: () => child.resume(),
    close: () => Promise.resolve(),
  };
}

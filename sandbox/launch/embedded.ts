import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { loadSettings } from '../../settings/load';
import { startChild, type Child } from './child';
import { startControlServer, type ControlServer } from './control';
import { sandboxEnvironment } from './environment';
import { FolderInUse, takeLock, type Lock } from './lock';
import { checkPorts, freePortsAfter, startCommand, type Ports } from './ports';
import { untilReady } from './ready';
import { Supervisor } from './supervisor';
import { findTemporalBinary } from './temporal-binary';
import { connectWhenReady, startTemporalServer } from './temporal-server';
import { terminalLine } from './terminal';

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_TASKS = 1;
/** After a crash, the processes that it left behind end within this time. */
const LEFTOVERS_MS = 15_000;

export interface EmbeddedOptions {
  /** The checkout. */
  root: string;
  /** Where the database, the logs and the lock are. */
  data: string;
  ports: Ports;
  report: (line: string) => void;
}

/** What `npm start` runs: a Temporal server, the sandbox, the API and a worker, each a process of its own. */
export class Embedded {
  readonly env: NodeJS.ProcessEnv;
  readonly logs: string;
  readonly supervisor: Supervisor;
  private readonly id = randomUUID();
  private readonly token = randomBytes(24).toString('base64url');
  private control?: ControlServer;
  private lock?: Lock;

  constructor(private readonly options: EmbeddedOptions) {
    this.env = sandboxEnvironment(options.ports, options.root);
    this.logs = join(options.data, 'logs');
    this.supervisor = new Supervisor({ report: options.report });
  }

  /** Resolves when all are ready. */
  async start(): Promise<void> {
    const { ports, report } = this.options;
    await this.takeFolder();
    await checkPorts(ports, process.env, this.lock?.wasStale ? LEFTOVERS_MS : 0);
    const { addHelper } = this.supervisor;
    const binary = await findTemporalBinary({ env: process.env, report, onChild: addHelper });
    report('Starting Temporal …');
    await this.startTemporal(binary);
    report('Starting the sandbox, the API and a worker …');
    // In this order: what an open handoff needs of its vendors is there before a worker goes on with it.
    await this.startSandbox();
    await Promise.all([this.startApi(), this.startWorker()]);
  }

  async stop(): Promise<void> {
    await this.supervisor.stop();
    await this.control?.close();
    this.lock?.release();
  }

  private async takeFolder(): Promise<void> {
    const { supervisor, id, token } = this;
    this.control = await startControlServer({ id, token, supervisor });
    const holder = {
      id,
      pid: process.pid,
      startedAt: new Date().toISOString(),
      controlUrl: this.control.url,
      pageUrl: this.env.SANDBOX_URL!,
    };
    this.lock = await takeLock(join(this.options.data, 'npm-start.lock'), holder).catch(async (error: unknown) => {
      throw error instanceof FolderInUse ? await this.explain(error) : error;
    });
  }

  private async explain({ holder }: FolderInUse): Promise<Error> {
    const { data, ports } = this.options;
    const command = startCommand({ SANDBOX_DATA: `${data}-2`, ...(await freePortsAfter(ports)) }, process.env);
    return new Error(
      [
        `npm start is already running with the data in ${data}: process ${holder.pid}, since ${holder.startedAt}.`,
        `Use it at ${holder.pageUrl}, end it with Ctrl-C in its terminal, or start a second one with its own data and ports:`,
        `  ${command}`,
      ].join('\n'),
    );
  }

  private startTemporal(binary: string): Promise<void> {
    const { data, ports } = this.options;
    return this.supervisor.start({
      name: 'temporal',
      killable: true,
      start: (again) =>
        startTemporalServer({
          binary,
          port: ports.TEMPORAL_PORT,
          uiPort: ports.TEMPORAL_UI_PORT,
          databaseFile: join(data, 'temporal.db'),
          logFile: join(this.logs, 'temporal.log'),
          appendLog: again,
        }),
      ready: async (child) => (await connectWhenReady(child, this.env.TEMPORAL_ADDRESS!)).close(),
    });
  }

  /** It alone may ask for a process to be killed. */
  private startSandbox(): Promise<void> {
    const env = { ...this.env, SANDBOX_CONTROL_URL: this.control?.url, SANDBOX_CONTROL_TOKEN: this.token };
    return this.supervisor.start({
      name: 'sandbox',
      start: () => this.startNode('sandbox', 'sandbox/main.ts', false, env),
      ready: (child) => untilReady(child, () => answers(`${this.env.SANDBOX_URL}/`)),
    });
  }

  private startApi(): Promise<void> {
    return this.supervisor.start({
      name: 'api',
      start: (again) => this.startNode('api', 'api/main.ts', again),
      ready: (child) => untilReady(child, () => answers(`${this.env.HANDOFF_API_URL}/readyz`)),
    });
  }

  private startWorker(): Promise<void> {
    const { taskQueue } = loadSettings(this.env).temporal;
    return this.supervisor.start({
      name: 'worker',
      killable: true,
      start: (again) => this.startNode('worker', 'worker/main.ts', again),
      ready: (child) => untilPolled(child, this.env.TEMPORAL_ADDRESS!, taskQueue),
    });
  }

  private startNode(name: string, file: string, appendLog: boolean, env = this.env): Child {
    const { root, report } = this.options;
    const onLine = (line: string, stream: 'stdout' | 'stderr') => {
      const shown = terminalLine(name, line, stream);
      if (shown) report(shown);
    };
    const args = ['--import', 'tsx', join(root, file)];
    const logFile = join(this.logs, `${name}.log`);
    return startChild({ name, command: process.execPath, args, env, cwd: root, logFile, appendLog, onLine });
  }
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
}

/** Temporal still lists pollers that were killed a moment ago, so only one seen since now counts. */
async function untilPolled(worker: Child, address: string, taskQueue: string): Promise<void> {
  const begin = Date.now();
  const connection = Connection.lazy({ address });
  const request = { namespace: 'default', taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_TASKS };
  try {
    await untilReady(worker, async () => {
      const { pollers } = await connection.withDeadline(Date.now() + 2_000, () =>
        connection.workflowService.describeTaskQueue(request),
      );
      return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= begin - 1000);
    });
  } finally {
    await connection.close();
  }
}

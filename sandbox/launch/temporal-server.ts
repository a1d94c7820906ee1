import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes';
import { startChild, type Child } from './child';
import { untilReady } from './ready';

export interface TemporalServerOptions {
  binary: string;
  port: number;
  /** Without it there is no UI. */
  uiPort?: number;
  /** Without it, all data is lost when the server ends. */
  databaseFile?: string;
  logFile: string;
  /** Adds to the log file instead of starting it anew. */
  appendLog?: boolean;
  onLine?: (line: string) => void;
}

/** On SQLite these make a relay four times shorter and let two to three times as many through; see bench/. */
const TUNING = [
  ...flags('--sqlite-pragma', { journal_mode: 'WAL', synchronous: 'NORMAL' }),
  ...flags('--dynamic-config-value', {
    'system.enableActivityEagerExecution': true,
    'matching.numTaskqueueReadPartitions': 1,
    'matching.numTaskqueueWritePartitions': 1,
  }),
];

/** Starts Temporal's development server on the loopback address, with our search attributes. */
export function startTemporalServer(options: TemporalServerOptions): Child {
  const { binary, port, uiPort, databaseFile, logFile, appendLog, onLine } = options;
  const attributes = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [
    name,
    type === 'INT' ? 'Int' : 'Keyword',
  ]);
  const args = [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
    ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
    ...(databaseFile ? ['--db-filename', databaseFile] : []),
    ...TUNING,
    ...flags('--search-attribute', Object.fromEntries(attributes) as Record<string, string>),
  ];
  return startChild({ name: 'Temporal server', command: binary, args, logFile, appendLog, onLine });
}

/** Resolves with a connection once the server answers for its default namespace. */
export async function connectWhenReady(server: Child, address: string): Promise<Connection> {
  const connection = Connection.lazy({ address });
  try {
    await untilReady(server, async () => {
      await connection.withDeadline(Date.now() + 2_000, () =>
        connection.workflowService.describeNamespace({ namespace: 'default' }),
      );
      return true;
    });
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function flags(flag: string, values: Record<string, string | number | boolean>): string[] {
  return Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}

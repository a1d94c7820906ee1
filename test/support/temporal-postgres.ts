import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { stringify } from 'yaml';
import { cacheFolder } from '../../sandbox/launch/cache';
import { startChild, type Child } from '../../sandbox/launch/child';
import { isFree } from '../../sandbox/launch/ports';
import { untilReady } from '../../sandbox/launch/ready';
import { isExecutable, onPath } from '../../sandbox/launch/temporal-binary';
import { registerSearchAttributes } from '../../worker/search-attributes';

/**
 * A Temporal server on PostgreSQL, as docker-compose.yml has one, from Go's and the system's packages instead of
 * images: for tests that are about production's database.
 */
export interface TemporalOnPostgres {
  address: string;
  /** Ends the server, then the database. The data stays in the folder, where the next start finds it. */
  stop(): Promise<void>;
  /** `kill -9` of the Temporal server alone; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts the Temporal server again, on the same port. */
  restart(): Promise<void>;
  /** Writes both databases into a file, while the server runs: what an operator's nightly backup does. */
  backUp(file: string): Promise<void>;
  /** With the server ended: puts both databases back to what a backup holds. */
  restore(file: string): Promise<void>;
}

/** The newest release that `go install` accepts: later ones have a `replace` in their go.mod. */
const VERSION = 'v1.29.1';
const PACKAGES = [`go.temporal.io/server/cmd/server@${VERSION}`, `go.temporal.io/server/cmd/tools/sql@${VERSION}`];
const SYSTEM_USER = 'postgres';
const USER = 'temporal';
/** Temporal's two stores, with the name of each one's schema. */
const DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' };
const ALREADY_EXISTS = 6;
const DAY_SECONDS = 86_400;
const run = promisify(execFile);

interface Programs {
  server: string;
  sql: string;
  postgres: (name: string) => string;
}

/** Why this machine cannot have one; undefined where it can, though the first time it may have to be built. */
export function temporalOnPostgresMissing(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!postgresFolder()) return 'no PostgreSQL: install the package postgresql';
  const isBuilt = ['server', 'sql'].every((name) => isExecutable(join(builtFolder(env), name)));
  return isBuilt || onPath('go', env) ? undefined : 'no Temporal server for PostgreSQL, and no Go to build it';
}

/** Keeps all of it in `dir`; the server listens on `port` of the loopback address. Building it takes minutes, once. */
export async function startTemporalOnPostgres(dir: string, port: number): Promise<TemporalOnPostgres> {
  const programs = await findPrograms(process.env);
  mkdirSync(dir, { recursive: true });
  const ports = await chosenPorts(dir);
  const address = `127.0.0.1:${port}`;
  writeConfig(dir, port, ports);
  const database = await startDatabase(programs, dir, ports.database!);
  let server: Child | undefined;

  const start = async () => {
    const args = ['--root', dir, '--env', 'production', 'start'];
    const logFile = join(dir, 'temporal.log');
    server = startChild({ name: 'Temporal server', command: programs.server, args, logFile, appendLog: true });
    await untilReady(server, () => prepareNamespace(address));
  };
  const stop = async () => {
    await server?.stop();
    await database.stop();
  };
  const dump = (name: string, file: string) => `${file}.${name}`;
  const connection = ['--host=127.0.0.1', `--port=${ports.database}`, `--username=${USER}`];

  try {
    if (!existsSync(join(dir, 'schema'))) await createSchema(programs.sql, dir, ports.database!);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address,
    stop,
    async kill() {
      server?.kill();
      await server?.ended;
    },
    restart: start,
    async backUp(file) {
      for (const name of Object.keys(DATABASES)) {
        const to = `--file=${dump(name, file)}`;
        await run(programs.postgres('pg_dump'), [...connection, '--format=custom', to, name]);
      }
    },
    async restore(file) {
      for (const name of Object.keys(DATABASES)) {
        const options = ['--clean', '--if-exists', '--single-transaction', `--dbname=${name}`];
        await run(programs.postgres('pg_restore'), [...connection, ...options, dump(name, file)]);
      }
    },
  };
}

async function findPrograms(env: NodeJS.ProcessEnv): Promise<Programs> {
  const missing = temporalOnPostgresMissing(env);
  if (missing) throw new Error(missing);
  const folder = builtFolder(env);
  const [server, sql] = [join(folder, 'server'), join(folder, 'sql')];
  if (!isExecutable(server) || !isExecutable(sql)) await build(folder, env);
  return { server, sql, postgres: (name) => join(postgresFolder()!, name) };
}

const builtFolder = (env: NodeJS.ProcessEnv) => join(cacheFolder(env), `temporal-server-${VERSION}`);

/** Debian and others keep the programs of each version apart, and off the PATH. */
function postgresFolder(): string | undefined {
  const versions = '/usr/lib/postgresql';
  const newest = existsSync(versions) ? readdirSync(versions).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [...newest.map((version) => join(versions, version, 'bin')), '/usr/local/bin', '/usr/bin'];
  return folders.find((folder) => isExecutable(join(folder, 'initdb')));
}

async function build(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(folder, { recursive: true });
  process.stderr.write('Building a Temporal server that can use PostgreSQL (once, some minutes) …\n');
  const args = ['install', ...PACKAGES];
  const logFile = join(folder, 'go-install.log');
  const compiler = startChild({ name: 'Go compiler', command: 'go', args, env: { ...env, GOBIN: folder }, logFile });
  if ((await compiler.ended) !== 0) throw new Error(['`go install` failed:', ...compiler.lastLines()].join('\n'));
}

/** PostgreSQL's schema has two signed bytes for a member's port, so those that the system gives out do not fit. */
const PORT_LIMIT = 32_768;
const FIRST_PORT = 20_000;

/** The same at every start: the server's members remember where they found each other. */
async function chosenPorts(dir: string): Promise<Record<string, number>> {
  const file = join(dir, 'ports.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  const names = ['history', 'matching', 'worker', ...SERVICES.map((service) => `${service}-membership`), 'database'];
  const ports: Record<string, number> = {};
  while (names.length > 0) {
    const port = FIRST_PORT + Math.floor(Math.random() * (PORT_LIMIT - FIRST_PORT));
    if (!Object.values(ports).includes(port) && (await isFree(port))) ports[names.pop()!] = port;
  }
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

const SERVICES = ['frontend', 'history', 'matching', 'worker'];

function writeConfig(dir: string, port: number, ports: Record<string, number>): void {
  const store = (databaseName: string, maxConns: number) => ({
    sql: {
      pluginName: 'postgres12_pgx',
      databaseName,
      connectAddr: `127.0.0.1:${ports.database}`,
      connectProtocol: 'tcp',
      user: USER,
      ...{ maxConns, maxIdleConns: maxConns },
    },
  });
  const rpc = (service: string) => ({
    grpcPort: service === 'frontend' ? port : ports[service],
    membershipPort: ports[`${service}-membership`],
    bindOnLocalHost: true,
  });
  const rpcAddress = `127.0.0.1:${port}`;
  const cluster = { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress };
  const config = {
    log: { stdout: true, level: 'warn' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: 64 },
      datastores: { default: store('temporal', 20), visibility: store('temporal_visibility', 8) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(SERVICES.map((service) => [service, { rpc: rpc(service) }])),
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active', clusterInformation: { active: cluster } },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: rpcAddress },
    // The very file that production reads.
    dynamicConfigClient: { filepath: DYNAMIC_CONFIG, pollInterval: '10s' },
  };
  mkdirSync(join(dir, 'config'), { recursive: true });
  writeFileSync(join(dir, 'config', 'production.yaml'), stringify(config));
}

const DYNAMIC_CONFIG = join(__dirname, '..', '..', 'deploy', 'temporal-dynamic-config.yaml');

async function startDatabase({ postgres }: Programs, dir: string, port: number): Promise<Child> {
  const data = join(dir, 'postgres');
  const program = (name: string, args: string[]): [string, string[]] => asSystemUser(postgres(name), args);
  if (!existsSync(join(data, 'PG_VERSION'))) {
    mkdirSync(data, { recursive: true });
    if (isRoot()) {
      letThrough(dir);
      await run('chown', [SYSTEM_USER, data]);
    }
    await run(...program('initdb', ['--pgdata', data, '--username', USER, '--auth', 'trust']), { cwd: '/' });
  }
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`];
  const [command, args] = program('postgres', ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]);
  const logFile = join(dir, 'postgres.log');
  const database = startChild({ name: 'PostgreSQL', command, args, cwd: '/', logFile, appendLog: true });
  await untilReady(database, async () => {
    await run(postgres('pg_isready'), ['--host=127.0.0.1', `--port=${port}`]);
    return true;
  });
  return database;
}

/** PostgreSQL refuses to run as root; its own user has to get to its folder, through those that only we may enter. */
function letThrough(dir: string): void {
  for (let at = dir; at.startsWith(tmpdir() + sep); at = dirname(at)) chmodSync(at, statSync(at).mode | 0o011);
}

const isRoot = () => process.getuid?.() === 0;

function asSystemUser(command: string, args: string[]): [string, string[]] {
  if (!isRoot()) return [command, args];
  const become = [`--reuid=${SYSTEM_USER}`, `--regid=${SYSTEM_USER}`, '--init-groups'];
  return ['setpriv', [...become, command, ...args]];
}

/** As deploy/temporal-schema.sh does. */
async function createSchema(sql: string, dir: string, port: number): Promise<void> {
  for (const [database, schema] of Object.entries(DATABASES)) {
    const tool = (...args: string[]) => {
      const where = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '--port', String(port), '--user', USER];
      return run(sql, [...where, '--database', database, ...args]);
    };
    await tool('create-database');
    await tool('setup-schema', '--version', '0.0');
    await tool('update-schema', '--schema-name', `postgresql/v12/${schema}`);
  }
  writeFileSync(join(dir, 'schema'), VERSION);
}

/** Answers once the namespace can be used, search attributes included. */
async function prepareNamespace(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address });
  const namespace = 'default';
  try {
    return await connection.withDeadline(Date.now() + 5_000, async () => {
      const workflowExecutionRetentionPeriod = { seconds: DAY_SECONDS as never };
      await connection.workflowService
        .registerNamespace({ namespace, workflowExecutionRetentionPeriod })
        .catch((error: unknown) => {
          if (!isGrpcServiceError(error) || Number(error.code) !== ALREADY_EXISTS) throw error;
        });
      await registerSearchAttributes(connection, namespace);
      const query = `HandoffAccount = 'main'`;
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return true;
    });
  } finally {
    await connection.close();
  }
}

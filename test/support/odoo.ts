import axios from 'axios';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../sandbox/launch/cache';
import { startChild, type Child } from '../../sandbox/launch/child';
import { freePort } from '../../sandbox/launch/ports';
import { untilReady } from '../../sandbox/launch/ready';
import { onPath } from '../../sandbox/launch/temporal-binary';
import { describeWith } from './parts';

/** A real Odoo 19 of its own for one test run: database and files are in a temporary folder. */
export interface OdooServer {
  baseUrl: string;
  /** The API key of the service's own user. */
  apiKey: string;
  /** The API keys of two agents, Alice Agent and Bob Agent. */
  agentKeys: { alice: string; bob: string };
  stop(): Promise<void>;
}

const POSTGRES = '/usr/lib/postgresql/15/bin';
const INSTALL = join(__dirname, 'odoo-install.sh');
const PROVISION = join(__dirname, 'odoo-provision.py');
const run = promisify(execFile);

const INSTALL_WITHIN_MS = 600_000;

/** Another one where what it is made by changes. */
function installed(): string {
  const digest = createHash('sha256');
  for (const file of [INSTALL, PROVISION]) digest.update(readFileSync(file));
  return join(cacheFolder(process.env), `odoo-19-${digest.digest('hex').slice(0, 8)}`);
}

/** Why no Odoo can be started here; undefined where one can, though the first time it has to be unpacked. */
export function odooMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'Odoo is started by root alone here: its database has a user of its own';
  if (!existsSync(join(POSTGRES, 'initdb'))) return 'no PostgreSQL 15: apt-get install postgresql';
  if (existsSync(join(installed(), 'ready'))) return undefined;
  const tools = ['apt-get', 'dpkg-deb', 'flock', 'python3'].filter((tool) => !onPath(tool, process.env));
  return tools.length > 0 ? `Odoo cannot be unpacked without ${tools.join(', ')}` : undefined;
}

/** A group of tests that needs {@link startOdoo}. */
export function describeWithOdoo(name: string, tests: () => void): void {
  describeWith(odooMissing(), name, () => {
    beforeAll(() => install(installed()), INSTALL_WITHIN_MS);
    tests();
  });
}

export async function startOdoo(): Promise<OdooServer> {
  const missing = odooMissing();
  if (missing) throw new Error(missing);
  const folder = installed();
  await install(folder);
  const state = await mkdtemp(join(tmpdir(), 'handoff-odoo-'));
  // PostgreSQL runs as a user of its own, which has to get to its folder.
  await chmod(state, 0o711);
  await run('tar', ['-C', state, '-xpf', join(folder, 'state.tar')]);
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.reverse()) await child.stop();
    await rm(state, { recursive: true, force: true });
  };
  try {
    const databasePort = await freePort();
    children.push(await startDatabase(state, databasePort));
    const port = await freePort();
    children.push(startServer(folder, state, databasePort, port));
    const baseUrl = `http://127.0.0.1:${port}`;
    await untilReady(children[1]!, () => isUp(baseUrl));
    const lines = readFileSync(join(state, 'keys'), 'utf8').trim().split('\n');
    const keys = Object.fromEntries(lines.map((line) => line.split(' '))) as Record<string, string>;
    return { baseUrl, apiKey: keys.handoff!, agentKeys: { alice: keys.alice!, bob: keys.bob! }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** By one process at a time: the others wait for it, and find it done. */
async function install(folder: string): Promise<void> {
  if (existsSync(join(folder, 'ready'))) return;
  mkdirSync(folder, { recursive: true });
  process.stderr.write('Unpacking an Odoo 19 to test against (once, some minutes) …\n');
  const args = [join(folder, 'lock'), 'bash', INSTALL, folder, `${await freePort()}`, POSTGRES, PROVISION];
  const logFile = join(folder, 'install.log');
  const installer = startChild({ name: 'installation of Odoo', command: 'flock', args, logFile });
  if ((await installer.ended) !== 0) throw new Error(['Odoo was not unpacked:', ...installer.lastLines()].join('\n'));
}

async function startDatabase(state: string, port: number): Promise<Child> {
  const become = ['--reuid=postgres', '--regid=postgres', '--init-groups'];
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`, 'fsync=off'];
  const own = ['-D', join(state, 'postgres'), ...settings.flatMap((setting) => ['-c', setting])];
  const args = [...become, join(POSTGRES, 'postgres'), ...own];
  const logFile = join(state, 'postgres.log');
  const database = startChild({ name: 'PostgreSQL', command: 'setpriv', args, cwd: '/', logFile });
  await untilReady(database, async () => {
    await run(join(POSTGRES, 'pg_isready'), ['--host=127.0.0.1', `--port=${port}`]);
    return true;
  });
  return database;
}

function startServer(folder: string, state: string, databasePort: number, port: number): Child {
  const library = join(folder, 'root/usr/lib/python3/dist-packages');
  const options = {
    'addons-path': `${library}/odoo/addons,${folder}/addons/odoo/addons`,
    'data-dir': join(state, 'data'),
    ...{ db_host: '127.0.0.1', db_port: databasePort, db_user: 'odoo', database: 'desk' },
    ...{ 'http-interface': '127.0.0.1', 'http-port': port, 'log-level': 'warn' },
    // One process with threads; nothing here needs what Odoo does by the clock.
    ...{ workers: 0, 'max-cron-threads': 0 },
  };
  const own = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const args = [join(folder, 'root/usr/bin/odoo'), ...own];
  const env = { ...process.env, PYTHONPATH: library };
  const logFile = join(state, 'odoo.log');
  return startChild({ name: 'Odoo', command: join(folder, 'venv/bin/python'), args, env, cwd: '/', logFile });
}

async function isUp(baseUrl: string): Promise<boolean> {
  return (await axios.get(`${baseUrl}/web/version`, { proxy: false })).status === 200;
}

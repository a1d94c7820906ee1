import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The settings of each port, with what listens there and its default. */
const PORTS = {
  API_PORT: { of: 'API', default: 3000 },
  SANDBOX_PORT: { of: 'sandbox', default: 3100 },
  TEMPORAL_PORT: { of: 'Temporal server', default: 7233 },
  TEMPORAL_UI_PORT: { of: 'Temporal UI', default: 8233 },
} as const;

type PortSetting = keyof typeof PORTS;
const SETTINGS = Object.keys(PORTS) as PortSetting[];
export type Ports = Record<PortSetting, number>;

const HIGHEST_PORT = 65535;

/** Throws an error that names the variable whose value is not a port number, or the two that have the same one. */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const entries = Object.entries(PORTS).map(([setting, port]): [string, number] => {
    const text = env[setting] || String(port.default);
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= HIGHEST_PORT) return [setting, value];
    throw new Error(`${setting} is '${text}', which is not a port number: use a number from 1 to ${HIGHEST_PORT}.`);
  });
  entries.forEach(([setting, value], i) => {
    const twin = entries.slice(0, i).find(([, other]) => other === value);
    if (twin) throw new Error(`${twin[0]} and ${setting} are both ${value}: each needs a port of its own.`);
  });
  return Object.fromEntries(entries) as Ports;
}

/**
 * Throws one error that lists every port on which another program listens, with one command that moves them all.
 * @param env what the command has to repeat is in it.
 * @param waitMs how long a taken port may take to become free: after a crash, what it left behind needs a moment to end.
 */
export async function checkPorts(ports: Ports, env: NodeJS.ProcessEnv = {}, waitMs = 0): Promise<void> {
  const deadline = Date.now() + waitMs;
  let taken = await takenOf(ports);
  while (taken.length > 0 && Date.now() < deadline) {
    await sleep(250);
    taken = await takenOf(ports);
  }
  if (taken.length === 0) return;
  const moved = await freePortsAfter(ports, taken);
  const [them, those] = taken.length === 1 ? ['This port is', 'the port'] : ['These ports are', 'the ports'];
  throw new Error(
    [
      `${them} taken by another program:`,
      ...taken.map((setting) => `  ${String(ports[setting]).padEnd(5)}  for the ${PORTS[setting].of}`),
      `End that program, or choose other values for ${those}:`,
      `  ${startCommand(moved, env)}`,
    ].join('\n'),
  );
}

/** The variables of `npm start` that are not secret, in the order of the command. */
const VARIABLES = ['SANDBOX_DATA', 'SANDBOX_CONFIG', ...SETTINGS];

/** The command that starts everything with these variables, and with those that this run was given. */
export function startCommand(variables: Record<string, string | number>, env: NodeJS.ProcessEnv = {}): string {
  const assignments = VARIABLES.flatMap((name) => {
    const value = variables[name] ?? env[name];
    return value === undefined || value === '' ? [] : [`${name}=${quoted(String(value))}`];
  });
  return [...assignments, 'npm start'].join(' ');
}

/** For a POSIX shell. */
const quoted = (value: string) => (/^[\w./:@%+,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);

/** For these settings, the next port after each that is free and not chosen for anything else. */
export async function freePortsAfter(ports: Ports, settings: PortSetting[] = SETTINGS): Promise<Partial<Ports>> {
  const chosen = new Set(Object.values(ports));
  const moved: Partial<Ports> = {};
  for (const setting of settings) {
    let port = ports[setting] + 1;
    while (port < HIGHEST_PORT && (chosen.has(port) || !(await isFree(port)))) port += 1;
    chosen.add(port);
    moved[setting] = port;
  }
  return moved;
}

async function takenOf(ports: Ports): Promise<PortSetting[]> {
  const free = await Promise.all(SETTINGS.map((setting) => isFree(ports[setting])));
  return SETTINGS.filter((_, i) => !free[i]);
}

/** Some systems allow both a program on the loopback address and one on all addresses: it has to be free on both. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port));
}

function canListen(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

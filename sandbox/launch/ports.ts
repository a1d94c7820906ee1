import { createServer } from 'node:net';

/** The settings of each port, with what listens there and its default. */
const PORTS = {
  API_PORT: { of: 'API', default: 3000 },
  SANDBOX_PORT: { of: 'sandbox', default: 3100 },
  TEMPORAL_PORT: { of: 'Temporal server', default: 7233 },
  TEMPORAL_UI_PORT: { of: 'Temporal UI', default: 8233 },
} as const;

type PortSetting = keyof typeof PORTS;
export type Ports = Record<PortSetting, number>;

/** Throws an error that names the variable where one holds no port, or one that another holds. */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const entries = Object.entries(PORTS).map(([setting, port]): [string, number] => {
    const text = env[setting] || String(port.default);
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= 65535) return [setting, value];
    throw new Error(`${setting} is '${text}', which is no port: use a number from 1 to 65535.`);
  });
  entries.forEach(([setting, value], i) => {
    const twin = entries.slice(0, i).find(([, other]) => other === value);
    if (twin) throw new Error(`${twin[0]} and ${setting} are both ${value}: each needs a port of its own.`);
  });
  return Object.fromEntries(entries) as Ports;
}

/** Throws one error that names every port that someone else listens on, and the variable that moves ours. */
export async function checkPorts(ports: Ports): Promise<void> {
  const settings = Object.keys(PORTS) as PortSetting[];
  const free = await Promise.all(settings.map((setting) => isFree(ports[setting])));
  const taken = settings.filter((_, i) => !free[i]);
  if (taken.length === 0) return;
  const lines = taken.map(
    (setting) =>
      `Port ${ports[setting]}, for the ${PORTS[setting].of}, is taken by another program. ` +
      `End that, or choose another port: ${setting}=${ports[setting] + 1} npm start`,
  );
  throw new Error(lines.join('\n'));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
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

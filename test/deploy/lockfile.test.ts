import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Locked {
  version?: string;
  integrity?: string;
  resolved?: string;
  hasInstallScript?: boolean;
  dev?: boolean;
}
interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}
const root = join(__dirname, '..', '..');
const read = <T>(file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as T;
const manifest = read<Manifest>('package.json');
const { packages } = read<{ packages: Record<string, Locked> }>('package-lock.json');
/** By path, without the project itself, whose path is empty. */
const locked = Object.entries(packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

test('every package of the lockfile, for any system, has an integrity hash', () => {
  expect(locked.length).toBeGreaterThan(0);
  expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
});

test('the lockfile names no registry', () => {
  expect(locked.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
});

test('dependencies are pinned to exact versions', () => {
  const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('every install script of a dependency is allowed or denied by name', () => {
  const names = locked.filter(([, entry]) => entry.hasInstallScript).map(([path]) => nameOf(path));
  expect([...new Set(names)].filter((name) => manifest.allowScripts[name] === undefined)).toEqual([]);
});

test('production installs neither telemetry nor tools for development', () => {
  const production = locked.filter(([, { dev }]) => !dev).map(([path, entry]) => ({ name: nameOf(path), ...entry }));
  const unwanted = ['tsx', 'esbuild', 'jest', 'typescript', '@inquirer/prompts'];
  expect(production.filter(({ name }) => unwanted.includes(name))).toEqual([]);
  expect(production.filter(({ name, hasInstallScript }) => name === '@scarf/scarf' && hasInstallScript)).toEqual([]);
});

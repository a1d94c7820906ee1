import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformSync } from '@swc/core';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { ROOT } from '../support/processes';
import { mutated, type Mutation } from './mutations';

/** What a production build consists of; see tsconfig.build.json. */
const ROOMS = ['domain', 'connectors', 'workflows', 'activities', 'worker', 'api', 'accounts', 'settings'];

/**
 * The service as production runs it, compiled and with its workflows bundled, in a folder of its own: processes that
 * are killed again and again start in a moment there, and a mutation changes nothing but this copy.
 */
export async function buildService(folder: string, mutation?: Mutation): Promise<void> {
  for (const file of ROOMS.flatMap((room) => sourcesIn(join(ROOT, room)))) {
    const path = relative(ROOT, file);
    const source = readFileSync(file, 'utf8');
    const target = join(folder, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, compiled(mutation?.file === path ? mutated(source, mutation) : source, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ workflowsPath: join(folder, 'workflows', 'index.js'), logger });
  writeFileSync(join(folder, 'worker', 'workflow-bundle.js'), code);
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function compiled(source: string, filename: string): string {
  const { code } = transformSync(source, {
    filename,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    // Left as they are: a package that is an ES module alone cannot be had otherwise.
    module: { type: 'commonjs', ignoreDynamic: true },
  });
  return code;
}

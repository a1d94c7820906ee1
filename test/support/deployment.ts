import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { findTemporalBinary } from '../../sandbox/launch/temporal-binary';
import { parseSettings } from '../../settings/load';
import { createWorkers } from '../../worker/workers';
import type { Core } from './core';
import { testAddress } from './temporal';

const ROOT = join(__dirname, '..', '..');
const PAGE = join(ROOT, 'docs', 'upgrades.md');

/** Versions of the service's worker that run side by side, and the commands by which an operator chooses among them. */
export interface Deployment {
  name: string;
  /** Starts the workers of a version, from a module beside `versions/`. Without a build they have no version. */
  start(workflows: { code: string }, buildId?: string): Promise<RunningWorkers>;
  /** Starts the worker as it runs in production: a process, whose version its environment names. */
  startProcess(buildId: string): RunningWorkers;
  /** Runs the commands under a heading of docs/upgrades.md, and answers what they print. */
  follow(heading: string, variables?: Record<string, string>): Promise<string>;
  stop(): Promise<void>;
}

export interface RunningWorkers {
  /** Lets what is under way end. */
  stop(): Promise<void>;
}

/** The code of one version, from `versions/`. Takes seconds. */
export async function codeOf(version: 'first' | 'next' | 'unpatched'): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(__dirname, 'versions', `${version}.ts`),
    logger: new DefaultLogger('WARN'),
  });
  return { code };
}

export async function createDeployment({ account, settingsYaml, accounts, connection }: Core): Promise<Deployment> {
  const name = `deployment-${account}`;
  const settings = parseSettings(settingsYaml, {});
  const running = new Set<RunningWorkers>();
  // The page calls the CLI by its name.
  const folder = mkdtempSync(join(tmpdir(), 'durable-handoff-upgrade-'));
  const binary = await findTemporalBinary({ env: process.env, report: () => undefined });
  symlinkSync(binary, join(folder, 'temporal'));
  const settingsFile = join(folder, 'handoff.yaml');
  writeFileSync(settingsFile, settingsYaml);
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    TEMPORAL_ADDRESS: testAddress(),
    DEPLOYMENT: name,
  };

  return {
    name,
    async start(workflowBundle, buildId) {
      const version = buildId === undefined ? undefined : { deploymentName: name, buildId };
      const code = { workflowBundle };
      const workers = await createWorkers({ connection, namespace: 'default', settings, accounts, code, version });
      const ended = Promise.all(workers.map((worker) => worker.run()));
      // Seen by stop(), also where it comes long after.
      ended.catch(() => undefined);
      const started = {
        async stop() {
          running.delete(started);
          for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
          await ended;
        },
      };
      running.add(started);
      return started;
    },
    startProcess(buildId) {
      const version = { TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: buildId };
      const args = ['--import', 'tsx', 'worker/main.ts'];
      const child = spawn(process.execPath, args, {
        cwd: ROOT,
        env: { ...env, ...version, HANDOFF_CONFIG: settingsFile },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      const started = {
        async stop() {
          running.delete(started);
          child.kill('SIGTERM');
          await ended;
        },
      };
      running.add(started);
      return started;
    },
    async follow(heading, variables = {}) {
      const options = { env: { ...env, ...variables } };
      return (await promisify(execFile)('sh', ['-euc', commandsUnder(heading)], options)).stdout;
    },
    async stop() {
      await Promise.all([...running].map((workers) => workers.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The shell commands of the section with this heading. */
function commandsUnder(heading: string): string {
  const sections = readFileSync(PAGE, 'utf8').split(/^#+ /m);
  const section = sections.find((text) => text.startsWith(`${heading}\n`));
  const blocks = [...(section?.matchAll(/^```sh\n(.*?)^```/gms) ?? [])].map(([, commands]) => commands!);
  if (blocks.length === 0) throw new Error(`docs/upgrades.md has no commands under '${heading}'`);
  return blocks.join('');
}

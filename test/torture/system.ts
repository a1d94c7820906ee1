import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { connect } from '../../accounts/connect';
import { subscribe } from '../../cli/subscribe';
import type { Child } from '../../sandbox/launch/child';
import { freePort } from '../../sandbox/launch/ports';
import { untilReady } from '../../sandbox/launch/ready';
import { parseSettings } from '../../settings/load';
import { cleanEnvironment, Processes } from '../support/processes';
import { buildService } from './build';
import type { FaultInjector } from './fault-injector';
import { residentMiB } from './memory';
import { mutationNamed } from './mutations';
import type { TortureOptions } from './options';
import type { Disturbance, Link, ProcessName } from './plan';
import { serviceSettings, type Places } from './settings';
import { TcpProxy } from './tcp-proxy';
import { startOnSqlite, type TemporalServer } from './temporal';
import { newSecrets, Vendors } from './vendors';

type Part = Exclude<ProcessName, 'temporal'>;
const SERVICE: Part[] = ['api-1', 'api-2', 'worker-1', 'worker-2'];
const SLOW_MS = 300;
/** Longer than any call may take, so that a graceful stop is one. */
const STOP_GRACE_MS = 40_000;

/** The whole service, each part a process of its own, with a network in between that can fail. */
export class System {
  readonly secrets = newSecrets();
  vendors!: Vendors;
  client!: Client;
  places!: Places;
  vendorsUrl!: string;
  /** Processes that nobody has killed, and that had to be started again. */
  readonly endedByThemselves: string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'durable-handoff-torture-'));
  private readonly logs = join(this.folder, 'logs');
  private readonly build = join(this.folder, 'build');
  private readonly processes = new Processes(this.logs);
  private readonly running = new Map<Part, Child>();
  private readonly disturbed = new Set<string>();
  private readonly network = new Map<Link, TcpProxy>();
  private temporal!: TemporalServer;
  private readonly temporalAddress = new Map<Part, string>();
  private apiPorts: number[] = [];
  private isStopping = false;

  constructor(
    private readonly options: TortureOptions,
    private readonly injector: FaultInjector,
  ) {}

  async start(report: (line: string) => void): Promise<void> {
    mkdirSync(this.logs, { recursive: true });
    await this.startVendors();
    report('Building the service and starting Temporal …');
    const mutation = this.options.mutate === undefined ? undefined : mutationNamed(this.options.mutate);
    await Promise.all([buildService(this.build, mutation), this.startTemporal()]);
    this.writeSettings();
    report('Starting two APIs and two workers …');
    await Promise.all(SERVICE.map((name) => this.startPart(name)));
    const accounts = connect(parseSettings(this.settings(0), {}));
    const quietly = { print: () => undefined, confirm: () => Promise.resolve(true) };
    await subscribe([...accounts.values()], this.places.publicUrl, quietly);
  }

  /** Everything is gone afterwards, but for the logs of a run that failed: answers where these are. */
  async stop({ keepLogs }: { keepLogs: boolean }): Promise<string | undefined> {
    this.isStopping = true;
    await this.processes.stopAll();
    await this.temporal?.close();
    await this.client?.connection.close();
    await this.vendors?.close();
    await Promise.all([...this.network.values()].map((proxy) => proxy.close()));
    rmSync(keepLogs ? this.build : this.folder, { recursive: true, force: true });
    return keepLogs ? this.logs : undefined;
  }

  /** Resolves when it is over and all is as before. What is being disturbed already is left alone. */
  async disturb(one: Disturbance): Promise<boolean> {
    const subject = one.what === 'process' ? one.target : one.what === 'network' ? `network ${one.link}` : one.vendor;
    if (this.disturbed.has(subject)) return false;
    this.disturbed.add(subject);
    try {
      if (one.what === 'process') await this.disturbProcess(one);
      else if (one.what === 'network') await this.disturbNetwork(one);
      else await this.outage(one);
    } finally {
      this.disturbed.delete(subject);
    }
    return true;
  }

  /** Of both APIs and of both workers, in MiB; undefined where it cannot be known. */
  async memory(): Promise<Record<'api' | 'worker', number> | undefined> {
    const of = (kind: string) =>
      residentMiB(SERVICE.filter((name) => name.startsWith(kind)).map((name) => this.running.get(name)!));
    const [api, worker] = await Promise.all([of('api'), of('worker')]);
    return api === undefined || worker === undefined ? undefined : { api, worker };
  }

  private async startVendors(): Promise<void> {
    this.apiPorts = await Promise.all([freePort(), freePort()]);
    const publicUrl = local(await this.link('webhooks', ...this.apiPorts));
    this.vendors = new Vendors(this.secrets, this.injector, publicUrl);
    const port = await this.vendors.listen();
    this.vendorsUrl = local(port);
    const [platformUrl, desksUrl] = [local(await this.link('platform', port)), local(await this.link('desks', port))];
    this.places = { platformUrl, desksUrl, publicUrl };
  }

  private async link(name: Link, ...ports: number[]): Promise<number> {
    const proxy = new TcpProxy();
    this.network.set(name, proxy);
    return proxy.listen(...ports);
  }

  private async startTemporal(): Promise<void> {
    this.temporal = await startOnSqlite(this.processes);
    const connection = Connection.lazy({ address: this.temporal.address });
    this.client = new Client({ connection });
    for (const name of SERVICE) {
      this.temporalAddress.set(name, `127.0.0.1:${await this.link(name, this.temporal.port)}`);
    }
  }

  private settings(port: number): string {
    return serviceSettings(port, this.places, this.secrets);
  }

  private writeSettings(): void {
    this.apiPorts.forEach((port, i) => writeFileSync(this.settingsFile(`api-${i + 1}`), this.settings(port)));
    for (const name of ['worker-1', 'worker-2']) writeFileSync(this.settingsFile(name), this.settings(0));
  }

  private settingsFile(name: string): string {
    return join(this.folder, `${name}.yaml`);
  }

  /** Resolves when it is ready; of a worker nobody can tell from outside. */
  private async startPart(name: Part): Promise<void> {
    const child = this.startService(name);
    this.running.set(name, child);
    this.supervise(name, child);
    const port = name === 'api-1' ? this.apiPorts[0] : name === 'api-2' ? this.apiPorts[1] : undefined;
    if (port !== undefined) await untilReady(child, async () => (await fetch(`${local(port)}/healthz`)).ok);
  }

  private startService(name: Part): Child {
    const env = {
      ...cleanEnvironment(),
      HANDOFF_CONFIG: this.settingsFile(name),
      TEMPORAL_ADDRESS: this.temporalAddress.get(name),
    };
    const main = join(this.build, name.startsWith('api') ? 'api' : 'worker', 'main.js');
    return this.processes.startNode(name, [main], env, this.build);
  }

  /** As a container's restart policy does. */
  private supervise(name: Part, child: Child): void {
    void child.ended.then(async () => {
      if (this.isStopping || this.disturbed.has(name) || this.running.get(name) !== child) return;
      this.endedByThemselves.push(name);
      await sleep(500);
      if (!this.isStopping) await this.startPart(name).catch(() => undefined);
    });
  }

  private async disturbProcess({ target, how, forMs }: Extract<Disturbance, { what: 'process' }>): Promise<void> {
    const process = target === 'temporal' ? this.temporal : this.partNamed(target);
    if (how === 'pause') {
      process.pause();
      await sleep(forMs);
      return process.resume();
    }
    await process.end(how);
    await sleep(forMs);
    if (!this.isStopping) await process.start();
  }

  private partNamed(name: Part): Pick<TemporalServer, 'end' | 'start' | 'pause' | 'resume'> {
    const child = this.running.get(name)!;
    return {
      async end(how) {
        if (how === 'kill') child.kill();
        else await child.stop(STOP_GRACE_MS);
        await child.ended;
      },
      start: () => this.startPart(name),
      pause: () => child.pause(),
      resume: () => child.resume(),
    };
  }

  private async disturbNetwork({ link, how, forMs }: Extract<Disturbance, { what: 'network' }>): Promise<void> {
    const proxy = this.network.get(link)!;
    if (how === 'cut') proxy.cut();
    else if (how === 'stall') proxy.stall();
    else proxy.slow(SLOW_MS);
    await sleep(forMs);
    proxy.restore();
  }

  private async outage({ vendor, answer, forMs }: Extract<Disturbance, { what: 'outage' }>): Promise<void> {
    this.injector.beginOutage(vendor, answer);
    await sleep(forMs);
    this.injector.endOutage(vendor);
  }
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

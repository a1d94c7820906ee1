import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  volumes: z.array(z.string()).default([]),
  restart: z.string(),
  read_only: z.boolean().default(false),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  profiles: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});

const { services } = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(read('docker-compose.yml'), { merge: true }));
const entries = Object.entries(services);
const named = (name: string) => services[name] ?? fail(name);
const fail = (name: string): never => {
  throw new Error(`docker-compose.yml has no service '${name}'`);
};

describe('docker-compose.yml', () => {
  test('holds the whole production topology', () => {
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['postgresql', 'temporal', 'temporal-ui', 'api', 'worker']),
    );
  });

  test.each(entries)('lets %s wait only for what can be waited for', (_, { depends_on: dependencies }) => {
    for (const [name, { condition }] of Object.entries(dependencies)) {
      const dependency = named(name);
      if (condition === 'service_healthy') expect(dependency.healthcheck).toBeDefined();
      // A service that is restarted forever never completes.
      else if (condition === 'service_completed_successfully') expect(dependency.restart).toMatch(/^on-failure/);
      else throw new Error(`${name}: ${condition}`);
    }
  });

  test.each(entries.filter(([, { image }]) => !image.startsWith('durable-handoff:')))(
    'pins the version of %s',
    (_, { image }) => {
      expect(image).toMatch(/:\d+(\.\d+)*$/);
    },
  );

  test.each(entries)('mounts for %s nothing that a clone lacks, but the settings', (_, { volumes }) => {
    const files = volumes.map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('./'));
    for (const file of files) expect(file === './handoff.yaml' || existsSync(join(ROOT, file))).toBe(true);
  });

  const dynamicConfig = () =>
    z
      .record(z.string(), z.array(z.object({ value: z.unknown() })))
      .parse(parse(read(`.${String(named('temporal').environment.DYNAMIC_CONFIG_FILE_PATH)}`)));

  test('runs Temporal as it was measured: the pgx driver and eager activities', () => {
    expect(named('temporal').environment).toMatchObject({ DB: 'postgres12_pgx', NUM_HISTORY_SHARDS: 512 });
    expect(dynamicConfig()['system.enableActivityEagerExecution']).toEqual([{ value: true }]);
  });

  test('has Temporal try again soon what a bad version could not do', () => {
    expect(dynamicConfig()['history.workflowTaskRetryMaxInterval']).toEqual([{ value: '20s' }]);
  });

  test('gives a worker a version only where one is named, and the next one beside it another', () => {
    const versionOf = (name: string) => {
      const { image, environment } = named(name);
      return [image, environment.TEMPORAL_DEPLOYMENT_NAME, environment.TEMPORAL_WORKER_BUILD_ID];
    };
    expect(versionOf('worker')).toEqual([
      'durable-handoff:${HANDOFF_VERSION:-latest}',
      '${HANDOFF_VERSION:+durable-handoff}',
      '${HANDOFF_VERSION:-}',
    ]);
    expect(versionOf('worker-next')).toEqual([
      'durable-handoff:${HANDOFF_NEXT_VERSION:-next}',
      '${HANDOFF_NEXT_VERSION:+durable-handoff}',
      '${HANDOFF_NEXT_VERSION:-}',
    ]);
    expect(named('worker-next').profiles).toEqual(['upgrade']);
    expect(named('worker-next').command).toEqual(named('worker').command);
  });

  test('gives one password to the database and to all who log in there', () => {
    const passwords = [
      named('postgresql').environment.POSTGRES_PASSWORD,
      named('temporal').environment.POSTGRES_PWD,
      named('temporal-schema').environment.SQL_PASSWORD,
    ];
    expect(new Set(passwords).size).toBe(1);
    expect(passwords[0]).toContain('POSTGRES_PASSWORD');
  });

  test.each(['api', 'worker'])('runs %s from the built program, without rights it does not need', (name) => {
    const { command, read_only: readOnly, healthcheck } = named(name);
    const start = command ?? (JSON.parse(/^CMD (.*)$/m.exec(read('Dockerfile'))?.[1] ?? 'null') as string[]);
    expect(start).toEqual(['node', `dist/${name}/main.js`]);
    expect(existsSync(join(ROOT, name, 'main.ts'))).toBe(true);
    expect(readOnly).toBe(true);
    expect(healthcheck).toBeDefined();
    expect(read('Dockerfile')).toMatch(/^USER node$/m);
  });

  test('lets into the image every folder that the build compiles', () => {
    const { include } = z.object({ include: z.array(z.string()) }).parse(JSON.parse(read('tsconfig.build.json')));
    const admitted = read('.dockerignore').split('\n');
    for (const folder of include) expect(admitted).toContain(`!${folder}`);
  });
});

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../sandbox/launch/cache';
import { download, isExecutable, onPath } from '../../sandbox/launch/temporal-binary';

const VERSION = '1.32.0';

/**
 * Temporal's test server, whose clock jumps ahead: from our cache, downloaded by the SDK, or from Maven's registry,
 * where it is a Java program. `missing` says in words why there is none.
 */
export async function findTimeSkippingServer(env: NodeJS.ProcessEnv): Promise<{ path: string } | { missing: string }> {
  const path = join(cacheFolder(env), 'bin', 'temporal-test-server');
  if (isExecutable(path) || (await download('time-skipping', path))) return { path };
  const lacking = ['mvn', 'java'].filter((program) => !onPath(program, env));
  if (lacking.length > 0) return { missing: `no time-skipping server: no download, no ${lacking.join(', no ')}` };
  try {
    await fetchByMaven(path, env);
    return { path };
  } catch (error) {
    return { missing: `no time-skipping server: ${String(error).split('\n')[0]}` };
  }
}

/** The server, and a logger that logs nothing, for want of which it complains at each start. */
const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>temporal-test-server</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;

/** Puts the jars beside `path` and a script that runs them at `path`. */
async function fetchByMaven(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const cache = dirname(dirname(path));
  const jars = join(cache, `temporal-test-server-${VERSION}`);
  mkdirSync(dirname(path), { recursive: true });
  const work = mkdtempSync(join(cache, 'maven-'));
  try {
    writeFileSync(join(work, 'pom.xml'), POM);
    const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(work, 'jars')}`];
    await promisify(execFile)('mvn', args, { cwd: work, env });
    rmSync(jars, { recursive: true, force: true });
    renameSync(join(work, 'jars'), jars);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  writeFileSync(path, `#!/bin/sh\nexec java -cp '${jars}/*' io.temporal.testserver.TestServer "$@"\n`);
  chmodSync(path, 0o755);
}

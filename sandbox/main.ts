import { join } from 'node:path';
import { chooseAccounts, subscribe } from '../cli/subscribe';
import { connect } from '../accounts/connect';
import { loadSettings } from '../settings/load';
import { createLogger } from '../settings/logger';
import { sandboxEnvironment } from './launch/environment';
import { readPorts } from './launch/ports';
import { createSandboxServer, optionsFrom } from './server';

/** `npm run sandbox`: the simulators and their page alone, for an API and a worker that run elsewhere on this machine. */
async function main(): Promise<void> {
  const env = environment();
  const settings = loadSettings(env);
  const log = createLogger('sandbox', settings.log.level);
  const sandbox = createSandboxServer(optionsFrom(env));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void sandbox.close().then(() => process.exit()));
  }
  const url = await sandbox.listen(Number(env.SANDBOX_PORT));
  await subscribe(chooseAccounts(connect(settings), undefined), env.HANDOFF_API_URL!, {
    print: (line) => log.debug(line),
    confirm: () => Promise.resolve(true),
  });
  log.info({ url }, 'the sandbox listens');
}

/** The environment from `npm start`, or the same one made here. A developer's own settings have real vendors. */
function environment(): NodeJS.ProcessEnv {
  return process.env.SANDBOX_URL ? process.env : sandboxEnvironment(readPorts(process.env), join(__dirname, '..'));
}

main().catch((error: unknown) => {
  console.error(describe(error));
  process.exit(1);
});

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' ? `${message}. Choose another port with SANDBOX_PORT.` : message;
}

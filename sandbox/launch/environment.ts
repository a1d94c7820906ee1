import { join } from 'node:path';
import type { Ports } from './ports';

/**
 * What the sandbox's settings file and its processes read from the environment. The keys are for this machine alone,
 * where everything listens on the loopback address, and so no secrets.
 */
export function sandboxEnvironment(ports: Ports, root: string): NodeJS.ProcessEnv {
  const local = (port: number) => `http://127.0.0.1:${port}`;
  return {
    ...withoutTemporal(process.env),
    HANDOFF_CONFIG: join(root, 'sandbox', 'handoff.sandbox.yaml'),
    API_PORT: String(ports.API_PORT),
    SANDBOX_PORT: String(ports.SANDBOX_PORT),
    HANDOFF_API_URL: local(ports.API_PORT),
    SANDBOX_URL: local(ports.SANDBOX_PORT),
    TEMPORAL_UI_URL: local(ports.TEMPORAL_UI_PORT),
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.TEMPORAL_PORT}`,
    HANDOFF_BOT_KEY: 'sandbox-bot-key',
    HANDOFF_OPERATOR_KEY: 'sandbox-operator-key',
    INFOBIP_API_KEY: 'sandbox-infobip-key',
    INFOBIP_WEBHOOK_SECRET: 'sandbox-infobip-webhook',
    DESK_SECRET: `whsec_${Buffer.from('the desk of the sandbox, not a secret').toString('base64')}`,
  };
}

/** Temporal's tools read these, and they win over any settings: a developer's own must not lead us to another server. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

import { generateKeyPairSync } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Ports } from './ports';

/**
 * The environment for the sandbox's settings file and its processes. The keys are not secrets: they are valid only on
 * this machine, where everything listens on the loopback address. The RSA key is new at each start, unless
 * `SANDBOX_PRIVATE_KEY` contains one, which it has to when the processes are started one by one. `SANDBOX_CONFIG` names
 * another settings file for the same simulators. `HANDOFF_CONFIG` is ignored, since the vendors in that file are real.
 */
export function sandboxEnvironment(ports: Ports, root: string): NodeJS.ProcessEnv {
  const local = (port: number) => `http://127.0.0.1:${port}`;
  return {
    ...withoutTemporal(process.env),
    HANDOFF_CONFIG: resolve(process.env.SANDBOX_CONFIG || join(root, 'sandbox', 'handoff.sandbox.yaml')),
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
    BUSINESS_MESSAGES_CLIENT_TOKEN: 'sandbox-client-token',
    BUSINESS_MESSAGES_CLIENT_EMAIL: 'service@sandbox.iam.gserviceaccount.com',
    BUSINESS_MESSAGES_BOT_NAME: 'Shop bot',
    SANDBOX_PRIVATE_KEY: process.env.SANDBOX_PRIVATE_KEY || newPrivateKey(),
    DESK_SECRET: `whsec_${Buffer.from('the desk of the sandbox, not a secret').toString('base64')}`,
  };
}

/** An RSA key in PEM form. */
function newPrivateKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

/** Temporal's own variables override all settings, and a developer's would point to another server. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

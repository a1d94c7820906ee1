import { stringify } from 'yaml';
import type { DeskName } from './plan';
import { DESK_TIMEOUT_MS } from './plan-faults';
import type { Secrets } from './vendors';

const UNLIMITED = { perSecond: 100_000, burst: 100_000 };

export interface Places {
  /** Where the service finds its vendors, and where these and end users find the service. */
  platformUrl: string;
  desksUrl: string;
  publicUrl: string;
}

/** As a deployment has it, except that what is lost is looked for every few seconds, so that a run takes minutes. */
export function serviceSettings(port: number, { platformUrl, desksUrl, publicUrl }: Places, secrets: Secrets): string {
  const desk = (name: DeskName) => ({
    ...{ kind: 'custom', baseUrl: `${desksUrl}/${name}`, secret: secrets.desks[name], timeoutMs: DESK_TIMEOUT_MS },
    ...{ agentMessages: true, openCases: true, appendReopens: name === 'backoffice', rateLimit: UNLIMITED },
  });
  return stringify({
    api: {
      ...{ port, host: '127.0.0.1', publicUrl },
      keys: [
        { name: 'bot', key: secrets.botKey, scopes: ['handoffs:write'] },
        { name: 'operator', key: secrets.operatorKey, scopes: ['handoffs:read', 'handoffs:manage'] },
      ],
    },
    accounts: {
      main: {
        platform: {
          ...{ kind: 'infobip', baseUrl: `${platformUrl}/platform`, apiKey: secrets.infobip },
          webhook: { mode: 'subscription', secret: secrets.webhook },
          ...{ rateLimit: UNLIMITED, messageReadLimit: UNLIMITED, filePaths: ['/files/*'] },
        },
        contactCenters: { support: desk('support'), backoffice: desk('backoffice') },
        routing: [{ when: { queue: 'backoffice' }, to: 'backoffice' }, { to: 'support' }],
        watch: { pollEvery: '500ms', reconcileEvery: '3s' },
        janitor: { every: '10s' },
      },
    },
  });
}

import { createBusinessMessagesSimulator, type BusinessMessagesSimulator } from './business-messages';
import { createDesk, type Desk } from './desk';
import { createInfobipSimulator, type InfobipSimulator } from './infobip';
import { createHandoffApi, type HandoffApi, type HandoffApiOptions } from './handoff-api';
import type { ProcessesOptions } from './processes';

/** The names of sandbox/handoff.sandbox.yaml. */
export const ACCOUNTS = { infobip: 'main', businessMessages: 'business' } as const;
const CONTACT_CENTER = 'desk';

export interface SandboxOptions extends HandoffApiOptions {
  infobipApiKey: string;
  businessMessages: {
    clientToken: string;
    clientEmail: string;
    /** PEM of an RSA key, shared by the simulator and Durable Handoff. */
    privateKey: string;
    botName: string;
  };
  /** `whsec_…`, shared by the desks and Durable Handoff. */
  deskSecret: string;
  temporalUiUrl?: string;
  /** Where the sandbox itself is reached, for links to cases and pictures. */
  url?: string;
  /** How long the simulators wait before each further attempt of a webhook. */
  retryScheduleMs?: number[];
  /** Set by `npm start` alone: lets the page show and kill its processes. */
  processes?: ProcessesOptions;
}

/** The options that the variables of `sandboxEnvironment` stand for. All of them have to be set. */
export function optionsFrom(env: NodeJS.ProcessEnv): SandboxOptions {
  return {
    apiUrl: env.HANDOFF_API_URL!,
    botKey: env.HANDOFF_BOT_KEY!,
    readKey: env.HANDOFF_OPERATOR_KEY!,
    infobipApiKey: env.INFOBIP_API_KEY!,
    businessMessages: {
      clientToken: env.BUSINESS_MESSAGES_CLIENT_TOKEN!,
      clientEmail: env.BUSINESS_MESSAGES_CLIENT_EMAIL!,
      privateKey: env.SANDBOX_PRIVATE_KEY!,
      botName: env.BUSINESS_MESSAGES_BOT_NAME!,
    },
    deskSecret: env.DESK_SECRET!,
    temporalUiUrl: env.TEMPORAL_UI_URL,
    url: env.SANDBOX_URL,
    processes: processesFrom(env),
  };
}

function processesFrom(env: NodeJS.ProcessEnv): ProcessesOptions | undefined {
  const { SANDBOX_CONTROL_URL: controlUrl, SANDBOX_CONTROL_TOKEN: controlToken } = env;
  return controlUrl && controlToken ? { controlUrl, controlToken } : undefined;
}

/** The simulators of the vendors: two platforms, each with a desk of its own. */
export interface Simulators {
  infobip: InfobipSimulator;
  desk: Desk;
  businessMessages: BusinessMessagesSimulator;
  businessDesk: Desk;
}

export function createSimulators(options: SandboxOptions): Simulators {
  const api = createHandoffApi(options);
  return {
    infobip: infobip(options, api),
    desk: desk(options, ACCOUNTS.infobip, '/desk'),
    businessMessages: businessMessages(options, api),
    businessDesk: desk(options, ACCOUNTS.businessMessages, '/business-desk'),
  };
}

function infobip({ infobipApiKey: apiKey, retryScheduleMs }: SandboxOptions, api: HandoffApi): InfobipSimulator {
  const simulator = createInfobipSimulator({
    apiKey,
    retryScheduleMs,
    bot: {
      async call(conversationId) {
        const name = simulator.endUsers.conversation(conversationId)?.customer?.name;
        await api.start({ account: ACCOUNTS.infobip, conversationId, ...(name && { customer: { name } }) });
        return {};
      },
    },
  });
  return simulator;
}

function businessMessages(
  { apiUrl, url, retryScheduleMs, businessMessages: settings }: SandboxOptions,
  api: HandoffApi,
): BusinessMessagesSimulator {
  const { clientToken, clientEmail, privateKey, botName } = settings;
  return createBusinessMessagesSimulator({
    clientToken,
    serviceAccount: { clientEmail, publicKey: privateKey },
    webhookUrl: `${apiUrl}/webhooks/${ACCOUNTS.businessMessages}/platform`,
    retryScheduleMs,
    bot: {
      displayName: botName,
      avatarImage: url && `${url}/bot.svg`,
      call: (handoff) => api.start({ account: ACCOUNTS.businessMessages, ...handoff }),
    },
  });
}

function desk({ apiUrl, url, deskSecret: secret, retryScheduleMs }: SandboxOptions, account: string, mount: string) {
  const webhookUrl = `${apiUrl}/webhooks/${account}/${CONTACT_CENTER}`;
  return createDesk({ secret, webhookUrl, baseUrl: url && `${url}${mount}`, retryScheduleMs });
}

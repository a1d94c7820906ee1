import { createBusinessMessagesStandIn, type BusinessMessagesStandIn } from './business-messages';
import { createDesk, type Desk } from './desk';
import { createInfobipStandIn, type InfobipStandIn } from './infobip';
import { createLayer, type Layer, type LayerOptions } from './layer';

/** The names of sandbox/handoff.sandbox.yaml. */
export const ACCOUNTS = { infobip: 'main', businessMessages: 'business' } as const;
const CONTACT_CENTER = 'desk';

export interface SandboxOptions extends LayerOptions {
  infobipApiKey: string;
  businessMessages: {
    clientToken: string;
    clientEmail: string;
    /** PEM of an RSA key, shared by the stand-in and the layer. */
    privateKey: string;
    botName: string;
  };
  /** `whsec_…`, shared by the desks and the layer. */
  deskSecret: string;
  temporalUiUrl?: string;
  /** Where the sandbox itself is reached, for links to cases and pictures. */
  url?: string;
  /** How long the stand-ins wait before each further attempt of a webhook. */
  retryScheduleMs?: number[];
}

/** The options by the variables of `sandboxEnvironment`, of which each has to be set. */
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
  };
}

/** The stand-ins of the vendors: two platforms, each with a desk of its own. */
export interface StandIns {
  infobip: InfobipStandIn;
  desk: Desk;
  businessMessages: BusinessMessagesStandIn;
  businessDesk: Desk;
}

export function createStandIns(options: SandboxOptions): StandIns {
  const layer = createLayer(options);
  return {
    infobip: infobip(options, layer),
    desk: desk(options, ACCOUNTS.infobip, '/desk'),
    businessMessages: businessMessages(options, layer),
    businessDesk: desk(options, ACCOUNTS.businessMessages, '/business-desk'),
  };
}

function infobip({ infobipApiKey: apiKey, retryScheduleMs }: SandboxOptions, layer: Layer): InfobipStandIn {
  const standIn = createInfobipStandIn({
    apiKey,
    retryScheduleMs,
    bot: {
      async call(conversationId) {
        const name = standIn.endUsers.conversation(conversationId)?.customer?.name;
        await layer.start({ account: ACCOUNTS.infobip, conversationId, ...(name && { customer: { name } }) });
        return {};
      },
    },
  });
  return standIn;
}

function businessMessages(
  { apiUrl, url, retryScheduleMs, businessMessages: settings }: SandboxOptions,
  layer: Layer,
): BusinessMessagesStandIn {
  const { clientToken, clientEmail, privateKey, botName } = settings;
  return createBusinessMessagesStandIn({
    clientToken,
    serviceAccount: { clientEmail, publicKey: privateKey },
    webhookUrl: `${apiUrl}/webhooks/${ACCOUNTS.businessMessages}/platform`,
    retryScheduleMs,
    bot: {
      displayName: botName,
      avatarImage: url && `${url}/bot.svg`,
      call: (handoff) => layer.start({ account: ACCOUNTS.businessMessages, ...handoff }),
    },
  });
}

function desk({ apiUrl, url, deskSecret: secret, retryScheduleMs }: SandboxOptions, account: string, mount: string) {
  const webhookUrl = `${apiUrl}/webhooks/${account}/${CONTACT_CENTER}`;
  return createDesk({ secret, webhookUrl, baseUrl: url && `${url}${mount}`, retryScheduleMs });
}

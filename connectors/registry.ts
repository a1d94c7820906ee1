import { businessMessages } from './business-messages';
import type { ContactCenterConnector, PlatformConnector } from './connector';
import { infobip } from './infobip';
import { odoo } from './odoo';
import { requestTracker } from './request-tracker';
import { custom } from './custom';

/** Every vendor we know: one folder and one line each. */
export const platformConnectors: PlatformConnector[] = [infobip, businessMessages];
export const contactCenterConnectors: ContactCenterConnector[] = [requestTracker, odoo, custom];

/** The connector for parsed settings: the schema has admitted no other kinds than these. */
export function connectorFor<C extends { kind: string }>(connectors: C[], kind: string): C {
  const found = connectors.find((connector) => connector.kind === kind);
  if (!found) throw new Error(`no connector of kind '${kind}'`);
  return found;
}

import type { z } from 'zod';
import type { ContactCenter } from './contact-center';
import type { Platform } from './platform';

/** What a connection knows of the account it belongs to. */
export interface ConnectorDeps {
  account: string;
  /** So many processes share the vendor's rate limit: each may use its part. */
  processes: number;
}

/** What a vendor's folder exports: its settings (with `kind` as a literal) and how to make a connection of them. */
interface Definition<Settings extends z.ZodObject, Connection> {
  settings: Settings;
  /** The word for this kind in settings files of before, for an error that says what to write. */
  formerKind?: string;
  create(settings: z.output<Settings>, deps: ConnectorDeps): Connection;
}

/** A connector as the registry holds it: its settings have been parsed by its own schema before they come back to it. */
export interface Connector<Connection> {
  kind: string;
  formerKind?: string;
  settings: z.ZodObject;
  create(settings: { kind: string }, deps: ConnectorDeps): Connection;
}

export type PlatformConnector = Connector<Platform>;
export type ContactCenterConnector = Connector<ContactCenter>;

export function definePlatform<S extends z.ZodObject>(
  kind: string,
  definition: Definition<S, Platform>,
): PlatformConnector {
  return { kind, ...(definition as unknown as Omit<PlatformConnector, 'kind'>) };
}

export function defineContactCenter<S extends z.ZodObject>(
  kind: string,
  definition: Definition<S, ContactCenter>,
): ContactCenterConnector {
  return { kind, ...(definition as unknown as Omit<ContactCenterConnector, 'kind'>) };
}

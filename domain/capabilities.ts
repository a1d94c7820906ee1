/** How a contact center's signal reaches us; some have both ways. */
export type Delivery = 'webhook' | 'poll';

/** What a handoff may rely on at its platform: frozen into its settings when it starts. */
export interface PlatformCapabilities {
  /** A conversation's messages can be read. */
  history: boolean;
  /** The end user sees who speaks: agents join and leave as events, elsewhere as short texts. */
  representatives: boolean;
  /** The longest text of one message, in UTF-16 code units. */
  textLimit: number;
}

export interface ContactCenterCapabilities {
  /** Per signal and not per vendor: one may send agents' messages by webhook and report the end of a case only when polled. */
  delivery: { agentMessages: Delivery[]; closure: Delivery[] };
  /**
   * What one append may carry: messages (1 where each travels alone), UTF-8 bytes of text, and bytes of a file, which
   * is in memory meanwhile and travels alone; a larger one goes as a link.
   */
  append: { messages: number; bytes: number; fileBytes: number };
  /**
   * An append to a closed case opens it again, with no agent behind it. What an end user writes after the close goes
   * into an internal note there.
   */
  appendReopens: boolean;
  /** Agents' messages can be read again by their ids, so a long queue need not keep their text. */
  rereadable: boolean;
}

export const MEBIBYTE = 1024 * 1024;

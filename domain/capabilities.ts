/** By which way a signal of a contact center arrives; some have both. */
export type Transport = 'webhook' | 'poll';

export interface PlatformCapabilities {
  /** Whether a conversation's past can be read. */
  history: boolean;
  /** Whether the end user sees who speaks: then agents join and leave as events, else as short texts. */
  representatives: boolean;
  /** Whether the end user can be shown that an agent types. */
  typing: boolean;
  /** The longest text of one message, in UTF-16 code units. */
  textLimit: number;
}

export interface ContactCenterCapabilities {
  /** Per signal, not per vendor: one may send agents' messages by webhook and tell the end of a case only when asked. */
  agentMessages: Transport[];
  closure: Transport[];
  /** How many messages one append may carry; 1 where each has to travel alone. */
  appendBatch: number;
  /** The longest text of one append, in UTF-8 bytes. */
  maxAppendBytes: number;
  /**
   * Where a message from the end user goes that comes after the case was closed. Appending it would open some
   * vendors' cases again, with nobody behind them: there it becomes an internal note.
   */
  afterClose: 'append' | 'note';
}

export const MEBIBYTE = 1024 * 1024;

/** One way from a webhook to a vendor. */
export interface Contender {
  name: string;
  /** Its workflows, one for each conversation. */
  workflows: Run[];
  /** The webhook that brings a message of this text to the n-th conversation. */
  webhook(n: number, text: string): Webhook;
}

export interface Run {
  workflowId: string;
  runId: string;
}

export interface Webhook {
  url: string;
  headers?: Record<string, string>;
  body: string;
}

/** How many conversations are open at once with each contender. */
export const CONVERSATIONS = 20;

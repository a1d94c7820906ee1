import { handoffIdOfCaseKey, parseHandoffId } from '../../domain/ids';
import type { ApiFault, FaultableCall, FaultPlan, WebhookFault } from '../../sandbox/shared/faults';
import type { ConversationPlan, DeskName, Operation, PlannedFault } from './plan';

export type Vendor = 'platform' | DeskName;

/** What has really hit, by its kind: a plan's faults that nothing came across prove nothing. */
export type FaultCounts = Map<string, number>;

const WITHOUT_FAULT: WebhookFault = { delivery: 'normal', delayMs: 0 };
const NEVER: WebhookFault = { delivery: 'never', delayMs: 0 };

/** Decides for each call and each webhook what goes wrong with it, by the plans of the conversations. */
export class FaultInjector {
  readonly counts: FaultCounts = new Map();
  private readonly conversations = new Map<string, Pending>();
  private readonly cases = new Map<string, Pending>();
  private readonly outages = new Map<Vendor, ApiFault['answer']>();

  constructor(readonly hasWebhooks: boolean) {}

  addConversation(conversationId: string, plan: ConversationPlan): void {
    this.conversations.set(conversationId, {
      faults: plan.apiFaults.map((fault) => ({ ...fault })),
      webhooks: { platform: [...plan.webhookFaults.platform], desk: [...plan.webhookFaults.desk] },
      opening: 0,
    });
  }

  /** From now on calls about this case are about this conversation. */
  addCase(caseId: string, conversationId: string): void {
    const pending = this.conversations.get(conversationId);
    if (pending) this.cases.set(caseId, pending);
  }

  /** Whether the service has asked for its case to be opened. */
  isOpening(conversationId: string): boolean {
    return (this.conversations.get(conversationId)?.opening ?? 0) > 0;
  }

  /** Every call about it fails until it is repaired. */
  break(conversationId: string, what: NonNullable<Pending['broken']>): void {
    const pending = this.conversations.get(conversationId);
    if (pending) pending.broken = what;
  }

  repairAll(): void {
    for (const pending of this.conversations.values()) pending.broken = undefined;
  }

  beginOutage(vendor: Vendor, answer: ApiFault['answer']): void {
    this.outages.set(vendor, answer);
  }

  endOutage(vendor: Vendor): void {
    this.outages.delete(vendor);
  }

  /** For the simulator of this vendor. */
  planFor(vendor: Vendor): FaultPlan {
    return {
      api: (call) => this.counted(vendor, this.faultOf(vendor, call)),
      webhook: (about) => this.webhookFault(vendor, about),
    };
  }

  private counted(vendor: Vendor, fault: ApiFault | undefined): ApiFault | undefined {
    if (fault) this.count(`${vendor === 'platform' ? 'platform' : 'desk'} ${fault.answer}`);
    return fault;
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  private faultOf(vendor: Vendor, call: FaultableCall): ApiFault | undefined {
    const { operation, id } = vendor === 'platform' ? platformCall(call) : deskCall(call);
    const pending = id === undefined ? undefined : this.pendingOf(vendor, id);
    if (operation === 'open-case' && pending) pending.opening++;
    const outage = this.outages.get(vendor);
    if (outage !== undefined) return { answer: outage, times: 1, delayMs: 0 };
    if (!pending) return undefined;
    if (isBroken(pending, vendor, operation)) return { answer: 500, times: 1, delayMs: 0 };
    return take(pending.faults, operation);
  }

  /** By the conversation's id, or the case's id or key; a case that is still to be opened has nothing but its key. */
  private pendingOf(vendor: Vendor, id: string): Pending | undefined {
    if (vendor === 'platform') return this.conversations.get(id);
    return this.cases.get(id) ?? this.conversations.get(conversationOf(id) ?? '');
  }

  private webhookFault(vendor: Vendor, about: string): WebhookFault {
    if (!this.hasWebhooks) return NEVER;
    const isPlatform = vendor === 'platform';
    const pending = this.pendingOf(vendor, about);
    const fault = pending?.webhooks[isPlatform ? 'platform' : 'desk'].shift() ?? WITHOUT_FAULT;
    if (fault.delivery !== 'normal') this.count(`webhook ${fault.delivery}`);
    return fault;
  }
}

interface Pending {
  faults: PlannedFault[];
  webhooks: { platform: WebhookFault[]; desk: WebhookFault[] };
  broken?: 'reads' | 'conversation' | 'case';
  /** How often its case was to be opened. */
  opening: number;
}

function isBroken({ broken }: Pending, vendor: Vendor, operation: Operation): boolean {
  if (!broken) return false;
  if (broken === 'case') return vendor !== 'platform';
  return vendor === 'platform' && (broken === 'conversation' || operation === 'read-messages');
}

/** The first fault of this kind whose turn it is. */
function take(faults: PlannedFault[], operation: Operation): ApiFault | undefined {
  const i = faults.findIndex((one) => one.operation === operation);
  if (i < 0) return undefined;
  if (faults[i]!.after-- > 0) return undefined;
  return faults.splice(i, 1)[0]!.fault;
}

interface VendorCall {
  operation: Operation;
  id?: string;
}

const PLATFORM_CALLS: [RegExp, Operation][] = [
  [/^POST \/ccaas\/1\/conversations\/([^/]+)\/messages$/, 'send'],
  [/^GET \/ccaas\/1\/conversations\/([^/]+)\/messages$/, 'read-messages'],
  [/^GET \/ccaas\/1\/conversations\/([^/]+)$/, 'check-conversation'],
  [/^PATCH \/ccaas\/1\/conversations\/([^/]+)$/, 'close-conversation'],
  [/^(?:PATCH|POST) \/ccaas\/1\/conversations\/([^/]+)\/(?:metadata|tags)$/, 'link'],
];
const DESK_CALLS: [RegExp, Operation][] = [
  [/^POST \/cases$/, 'open-case'],
  [/^GET \/cases$/, 'find-case'],
  [/^POST \/cases\/([^/]+)\/messages$/, 'append'],
  [/^GET \/cases\/([^/]+)\/messages$/, 'find-appended'],
  [/^GET \/cases\/([^/]+)\/agent-messages$/, 'read-agent-messages'],
  [/^POST \/cases\/([^/]+)\/notes$/, 'note'],
  [/^POST \/cases\/([^/]+)\/close$/, 'close-case'],
  [/^GET \/events$/, 'read-feed'],
];

export const platformCall = ({ method, path }: FaultableCall) => callIn(PLATFORM_CALLS, `${method} ${path}`);

/** Calls that find or open a case name it by its key. */
export function deskCall({ method, path, url = '', body }: FaultableCall): VendorCall {
  const call = callIn(DESK_CALLS, `${method} ${path}`);
  if (call.operation === 'find-case') return withId(call, new URLSearchParams(url.split('?')[1]).get('key'));
  if (call.operation === 'open-case') return withId(call, /"key":"([^"]+)"/.exec(String(body))?.[1]);
  return call;
}

function withId(call: VendorCall, id: string | null | undefined): VendorCall {
  return { ...call, ...(id && { id }) };
}

function callIn(calls: [RegExp, Operation][], call: string): VendorCall {
  for (const [pattern, operation] of calls) {
    const found = pattern.exec(call);
    if (found) return withId({ operation }, found[1]);
  }
  return { operation: 'other' };
}

/** The conversation that a case with this key is about. */
export function conversationOf(caseKey: string): string | undefined {
  const id = handoffIdOfCaseKey(caseKey);
  return id === undefined ? undefined : parseHandoffId(id)?.conversationId;
}

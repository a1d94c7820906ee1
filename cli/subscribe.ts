import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { connect, type Account } from '../accounts/connect';
import { webhookUrl } from '../accounts/webhook-url';
import { VendorError } from '../connectors/shared/errors';
import type { SubscriptionPlan } from '../connectors/platform';
import { loadSettings } from '../settings/load';

const USAGE = `Points the platforms' webhooks at this deployment's API.

  npm run subscribe -- [--account NAME] [--yes]

  --account NAME  this account only; otherwise all
  --yes           do not ask before setting anything`;

/** What a person sees and is asked; apart, so that nothing else needs a terminal. */
export interface Dialog {
  print(line: string): void;
  confirm(question: string): Promise<boolean>;
}

/**
 * Shows for each account what would be set, asks, and sets it. Throws an error that names the account, the host and the
 * setting to check when the platform does not do what it is asked.
 */
export async function subscribe(accounts: Account[], publicUrl: string, dialog: Dialog): Promise<void> {
  for (const account of accounts) {
    await subscribeAccount(account, publicUrl, dialog).catch((error: unknown) => {
      throw error instanceof VendorError ? explained(account, error) : error;
    });
  }
}

async function subscribeAccount(account: Account, publicUrl: string, dialog: Dialog): Promise<void> {
  const { name, platform } = account;
  const plan = await platform.subscription?.plan(webhookUrl(account, publicUrl));
  if (!plan) return dialog.print(`${name}: the platform's webhook cannot be set from here`);
  const secret = platform.urlSecret;
  const lines = describe(plan).map((line) => (secret ? line.replaceAll(secret, '***') : line));
  dialog.print([`${name}:`, ...lines].join('\n  '));
  if (plan.unchanged) return;
  if (!(await dialog.confirm(`Set this for account '${name}'?`))) return dialog.print(`${name}: left as it is`);
  await plan.apply();
  dialog.print(`${name}: set`);
}

function explained({ name, settings }: Account, { message, kind, details }: VendorError): Error {
  const { baseUrl } = settings.platform as { baseUrl?: string };
  const path = `accounts.${name}.platform`;
  const toCheck =
    kind === 'unauthorized'
      ? `the credentials in ${path} and what they are allowed to do`
      : details.status === undefined
        ? `${path}.baseUrl, and whether this machine can reach it`
        : path;
  return new Error(`${name}: ${message}. Called: ${baseUrl}. Check ${toCheck}.`);
}

function describe({ current, wanted, replaces, warnings, unchanged }: SubscriptionPlan): string[] {
  if (unchanged) return [`is set already: ${wanted}`];
  return [
    `now: ${current ?? 'unknown'}`,
    `then: ${wanted}`,
    ...(replaces ? [`replaces: ${replaces}`] : []),
    ...warnings.map((warning) => `note: ${warning}`),
  ];
}

/** The accounts meant by `--account`. Throws for a name there is none of. */
export function chooseAccounts(accounts: ReadonlyMap<string, Account>, name: string | undefined): Account[] {
  if (name === undefined) return [...accounts.values()];
  const account = accounts.get(name);
  if (account) return [account];
  throw new Error(`There is no account '${name}' in the settings. Use one of: ${[...accounts.keys()].join(', ')}.`);
}

/** Asks on the terminal; anything but `y` or `yes` means no, and so does the end of the input. */
async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(`${question} (y/N) `), ended]);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function main(): Promise<void> {
  const options = { account: { type: 'string' }, yes: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ options });
  if (values.help) return console.log(USAGE);
  const settings = loadSettings();
  const { publicUrl } = settings.api;
  if (!publicUrl)
    throw new Error(
      'api.publicUrl is not set in the settings. Set it to the https URL at which vendors reach the API.',
    );
  if (!values.yes && !process.stdin.isTTY)
    throw new Error('This is not a terminal. To set without being asked, run: npm run subscribe -- --yes');
  await subscribe(chooseAccounts(connect(settings), values.account), publicUrl, {
    print: (line) => console.log(line),
    confirm: (message) => (values.yes ? Promise.resolve(true) : ask(message)),
  });
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

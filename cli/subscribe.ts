import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { connect, type Account } from '../accounts/connect';
import { webhookUrl } from '../accounts/webhook-url';
import { loadSettings } from '../settings/load';
import type { SubscriptionPlan } from '../connectors/platform';

const USAGE = `Points the platforms' webhooks at this deployment's API.

  npm run subscribe -- [--account NAME] [--yes]

  --account NAME  this account only; otherwise all
  --yes           do not ask before setting anything`;

/** What a person sees and is asked; apart, so that nothing else needs a terminal. */
export interface Dialog {
  print(line: string): void;
  confirm(question: string): Promise<boolean>;
}

/** Shows for each account what would be set, asks, and sets it. Throws what the platform throws. */
export async function subscribe(accounts: Account[], publicUrl: string, dialog: Dialog): Promise<void> {
  for (const account of accounts) {
    const plan = await account.platform.subscription?.plan(webhookUrl(account, publicUrl));
    if (!plan) {
      dialog.print(`${account.name}: the platform's webhook cannot be set from here`);
      continue;
    }
    const secret = account.platform.urlSecret;
    const lines = describe(plan).map((line) => (secret ? line.replaceAll(secret, '***') : line));
    dialog.print([`${account.name}:`, ...lines].join('\n  '));
    if (plan.unchanged) continue;
    if (!(await dialog.confirm(`Set this for account '${account.name}'?`))) {
      dialog.print(`${account.name}: left as it is`);
      continue;
    }
    await plan.apply();
    dialog.print(`${account.name}: set`);
  }
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
  throw new Error(`there is no account '${name}'; known: ${[...accounts.keys()].join(', ')}`);
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
  if (!publicUrl) throw new Error('api.publicUrl is not set; set it to the URL at which vendors reach the API');
  if (!values.yes && !process.stdin.isTTY) throw new Error('this is not a terminal: add --yes to set without asking');
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

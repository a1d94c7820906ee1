import axios from 'axios';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../sandbox/launch/child';
import { freePort } from '../../sandbox/launch/ports';
import { untilReady } from '../../sandbox/launch/ready';
import { describeWith } from './parts';

/** A real Request Tracker of its own for one test run: its database and settings are in a temporary folder. */
export interface RequestTrackerServer {
  baseUrl: string;
  /** The service's own account. */
  username: string;
  password: string;
  customField: string;
  agent: RtAgent;
  otherAgent: RtAgent;
  /** What `agent` does, through Request Tracker's API. */
  actions: AgentActions;
  actAs(agent: RtAgent): AgentActions;
  stop(): Promise<void>;
}

export interface RtAgent {
  username: string;
  password: string;
  name: string;
}

export interface AgentActions {
  reply(ticket: string, text: string): Promise<void>;
  replyHtml(ticket: string, html: string): Promise<void>;
  attach(ticket: string, file: { name: string; mimeType: string; bytes: Buffer }, text?: string): Promise<void>;
  comment(ticket: string, text: string): Promise<void>;
  take(ticket: string): Promise<void>;
  steal(ticket: string): Promise<void>;
  setOwner(ticket: string, username: string): Promise<void>;
  setStatus(ticket: string, status: string): Promise<void>;
  resolve(ticket: string): Promise<void>;
  /** What is written in a ticket, oldest first, with its author's user name. */
  read(ticket: string): Promise<{ type: string; author: string; text: string; files: RtFile[] }[]>;
  ticket(ticket: string): Promise<RtTicket>;
  /** The numbers of the mails that went out for a ticket. */
  mails(ticket: string): Promise<string[]>;
  /** The tickets that a query in Request Tracker's own language finds, by their numbers. */
  search(query: string): Promise<string[]>;
}

export interface RtFile {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

export interface RtTicket {
  Status: string;
  Subject: string;
  Priority: string;
  Requestor: { id: string }[];
}

const SERVER = '/usr/share/request-tracker5/libexec/rt-server';
const SETUP = '/usr/sbin/rt-setup-database-5';
const PROVISION = join(__dirname, 'request-tracker-provision.pl');
const INITIALDATA = join(__dirname, '..', '..', 'connectors', 'request-tracker', 'initialdata.pl');
const UP_WITHIN_MS = 60_000;

const SERVICE = { username: 'handoff', password: 'handoff-password', name: 'Durable Handoff' };
const ALICE = { username: 'alice', password: 'alice-password', name: 'Alice Agent' };
const BOB = { username: 'bob', password: 'bob-password', name: 'Bob Agent' };
const CUSTOM_FIELD = 'HandoffKey';

/** Why no Request Tracker can be started here; undefined where one can. */
export function requestTrackerMissing(): string | undefined {
  if ([SERVER, SETUP].every((path) => existsSync(path))) return undefined;
  return 'Request Tracker is not installed: apt-get install request-tracker5 rt5-standalone rt5-db-sqlite';
}

/** A group of tests that needs {@link startRequestTracker}. */
export function describeWithRequestTracker(name: string, tests: () => void): void {
  describeWith(requestTrackerMissing(), name, tests);
}

export async function startRequestTracker(): Promise<RequestTrackerServer> {
  const missing = requestTrackerMissing();
  if (missing) throw new Error(missing);
  const folder = await mkdtemp(join(tmpdir(), 'handoff-rt-'));
  const port = await freePort();
  const env = await configure(folder, port);
  await run(SETUP, ['--action', 'init', '--skip-create', '--dba', '', '--dba-password', ''], env);
  const wanted = { service: SERVICE, agents: [ALICE, BOB], field: CUSTOM_FIELD, initialdata: INITIALDATA };
  await run('perl', [PROVISION], env, JSON.stringify(wanted));
  const baseUrl = `http://127.0.0.1:${port}`;
  const args = ['--host', '127.0.0.1', '--port', `${port}`, '--max-workers', '4'];
  // Ends by SIGTERM. At SIGINT, a server run by root gives the installed one's files to another user.
  const server = startChild({
    name: 'Request Tracker',
    command: SERVER,
    args,
    env,
    logFile: join(folder, 'server.log'),
  });
  await untilReady(server, () => isUp(baseUrl), UP_WITHIN_MS);
  return {
    baseUrl,
    username: SERVICE.username,
    password: SERVICE.password,
    customField: CUSTOM_FIELD,
    agent: ALICE,
    otherAgent: BOB,
    actions: actionsOf(baseUrl, ALICE),
    actAs: (agent) => actionsOf(baseUrl, agent),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configure(folder: string, port: number): Promise<NodeJS.ProcessEnv> {
  const at = (name: string) => join(folder, name);
  await Promise.all(['settings.d', 'mason', 'sessions', 'log'].map((name) => mkdir(at(name))));
  const settings = [
    "Set($rtname, 'handoff.test');",
    "Set($Organization, 'handoff.test');",
    "Set($DatabaseType, 'SQLite');",
    `Set($DatabaseName, '${at('rtdb')}');`,
    "Set($DatabaseUser, '');",
    "Set($DatabasePassword, '');",
    "Set($WebPath, '');",
    "Set($WebDomain, '127.0.0.1');",
    `Set($WebPort, ${port});`,
    "Set($Timezone, 'UTC');",
    'Set($LogToSyslog, undef);',
    "Set($LogToFile, 'warning');",
    `Set($LogDir, '${at('log')}');`,
    "Set($MailCommand, 'testfile');",
    // Each call by password is checked by a hash that is slow on purpose: here it would be most of the tests' time.
    'Set($BcryptCost, 4);',
    `$MasonDataDir = '${at('mason')}';`,
    `$MasonSessionDir = '${at('sessions')}';`,
    '1;',
  ];
  await writeFile(at('RT_SiteConfig.pm'), settings.join('\n'));
  return {
    ...process.env,
    RT_SITE_CONFIG: at('RT_SiteConfig.pm'),
    RT_SITE_CONFIG_DIR: at('settings.d'),
    TMPDIR: folder,
  };
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv, input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} failed: ${stderr || stdout}`));
      else resolve();
    });
    child.stdin?.end(input);
  });
}

async function isUp(baseUrl: string): Promise<boolean> {
  const answer = await axios.get(`${baseUrl}/REST/2.0/rt`, { validateStatus: () => true, proxy: false });
  return answer.status === 401;
}

function actionsOf(baseUrl: string, { username, password }: RtAgent): AgentActions {
  const api = axios.create({ baseURL: `${baseUrl}/REST/2.0`, auth: { username, password }, proxy: false });
  const write = async (ticket: string, what: 'correspond' | 'comment', body: object) => {
    await api.post(`/ticket/${ticket}/${what}`, body);
  };
  const set = async (path: string, body: object) => {
    const { data } = await api.put<string[]>(path, body);
    if (!data.some((line) => /changed|deleted|set to|given to/i.test(line))) throw new Error(data.join(' '));
  };
  const plain = (Content: string) => ({ Content, ContentType: 'text/plain; charset=utf-8' });
  return {
    reply: (ticket, text) => write(ticket, 'correspond', plain(text)),
    replyHtml: (ticket, Content) => write(ticket, 'correspond', { Content, ContentType: 'text/html; charset=utf-8' }),
    attach: (ticket, { name, mimeType, bytes }, text = 'See the file.') =>
      write(ticket, 'correspond', {
        ...plain(text),
        Attachments: [{ FileName: name, FileType: mimeType, FileContent: bytes.toString('base64') }],
      }),
    comment: (ticket, text) => write(ticket, 'comment', plain(text)),
    take: (ticket) => set(`/ticket/${ticket}/take`, {}),
    steal: (ticket) => set(`/ticket/${ticket}/steal`, {}),
    setOwner: (ticket, Owner) => set(`/ticket/${ticket}`, { Owner }),
    setStatus: (ticket, Status) => set(`/ticket/${ticket}`, { Status }),
    resolve: (ticket) => set(`/ticket/${ticket}`, { Status: 'resolved' }),
    ticket: async (ticket) => (await api.get<RtTicket>(`/ticket/${ticket}`)).data,
    search: async (query) =>
      (await api.get<Items<{ id: string }>>('/tickets', { params: { query } })).data.items.map(({ id }) => id),
    read: (ticket) => readTicket(api, ticket),
    mails: async (ticket) =>
      (await readHistory(api, ticket)).filter(({ Type }) => Type === 'EmailRecord').map(({ id }) => id),
  };
}

interface Items<T> {
  items: T[];
}

interface RtTransaction {
  id: string;
  Type: string;
  Creator: { id: string };
}

async function readHistory(api: ReturnType<typeof axios.create>, ticket: string): Promise<RtTransaction[]> {
  const params = { fields: 'Type,Creator', per_page: 100, orderby: 'id' };
  return (await api.get<Items<RtTransaction>>(`/ticket/${ticket}/history`, { params })).data.items;
}

async function readTicket(api: ReturnType<typeof axios.create>, ticket: string) {
  const history = await readHistory(api, ticket);
  const messages = history.filter(({ Type }) => ['Create', 'Correspond', 'Comment'].includes(Type));
  return Promise.all(
    messages.map(async ({ id, Type, Creator }) => {
      const { data: parts } = await api.get<Items<{ id: string }>>(`/transaction/${id}/attachments?per_page=100`);
      const files = await Promise.all(parts.items.map((part) => readFileOf(api, part.id)));
      const text = files.find(({ name, mimeType }) => !name && mimeType.startsWith('text/'));
      const named = files.filter(({ name }) => name);
      return { type: Type, author: Creator.id, text: text?.bytes.toString('utf8') ?? '', files: named };
    }),
  );
}

async function readFileOf(api: ReturnType<typeof axios.create>, id: string): Promise<RtFile> {
  type Attachment = { Filename: string; ContentType: string; Content?: string };
  const { data } = await api.get<Attachment>(`/attachment/${id}`);
  return { name: data.Filename, mimeType: data.ContentType, bytes: Buffer.from(data.Content ?? '', 'base64') };
}

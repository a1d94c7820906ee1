import axios from 'axios';

/** What an agent does in Odoo, with an API key of that agent's own user. */
export function odooAgent(baseUrl: string, apiKey: string) {
  const api = axios.create({
    baseURL: `${baseUrl}/json/2`,
    headers: { Authorization: `bearer ${apiKey}` },
    proxy: false,
  });
  const call = async <T>(method: string, args: object) => (await api.post<T>(`/${method}`, args)).data;
  const post = (ticket: string, subtype: string, body: string, more: object = {}) =>
    call('helpdesk.ticket/message_post', {
      ...{ ids: [Number(ticket)], body, message_type: 'comment', subtype_xmlid: subtype, ...more },
    });
  const stage = (ticket: string, stage_id: number) =>
    call('helpdesk.ticket/write', { ids: [Number(ticket)], vals: { stage_id } });
  return {
    say: (ticket: string, text: string) => post(ticket, 'mail.mt_comment', text),
    note: (ticket: string, text: string) => post(ticket, 'mail.mt_note', text),
    close: (ticket: string) => stage(ticket, 4),
    reopen: (ticket: string) => stage(ticket, 1),
    async attach(ticket: string, name: string, bytes: Buffer, text: string) {
      const file = { name, datas: bytes.toString('base64'), res_model: 'helpdesk.ticket', res_id: Number(ticket) };
      const ids = await call<number[]>('ir.attachment/create', { vals_list: [file] });
      await post(ticket, 'mail.mt_comment', text, { attachment_ids: ids });
    },
    async ticket(ticket: string) {
      const fields = ['name', 'description', 'closed', 'partner_id', 'team_id', 'priority', 'user_id'];
      return (await call<OdooTicket[]>('helpdesk.ticket/read', { ids: [Number(ticket)], fields }))[0]!;
    },
    /** What was written into a ticket, oldest first, as text. */
    async read(ticket: string) {
      const domain = [
        ['model', '=', 'helpdesk.ticket'],
        ['res_id', '=', Number(ticket)],
        ['message_type', '=', 'comment'],
      ];
      const fields = ['body', 'author_id', 'subtype_id', 'attachment_ids'];
      const found = await call<OdooMessage[]>('mail.message/search_read', { domain, fields, order: 'id asc' });
      return found.map(({ body, author_id, subtype_id, attachment_ids }) => ({
        text: shown(body),
        author: author_id[1],
        isNote: subtype_id[1] === 'Note',
        files: attachment_ids,
      }));
    },
    async file(id: number) {
      const [found] = await call<{ datas: string }[]>('ir.attachment/read', { ids: [id], fields: ['datas'] });
      return Buffer.from(found!.datas, 'base64');
    },
    async countTickets(key: string) {
      const all = await call<{ id: number }[]>('helpdesk.ticket/search_read', { domain: [], fields: ['id'] });
      const ids = await call<Record<string, string>>('helpdesk.ticket/get_external_id', {
        ids: all.map(({ id }) => id),
      });
      return Object.values(ids).filter((id) => id === key).length;
    },
    async createTicket(name: string) {
      const vals = { name, description: name };
      return `${(await call<number[]>('helpdesk.ticket/create', { vals_list: [vals] }))[0]!}`;
    },
  };
}

export type OdooAgent = ReturnType<typeof odooAgent>;

interface OdooTicket {
  name: string;
  description: string;
  closed: boolean;
  partner_id: [number, string];
  team_id: [number, string] | false;
  priority: string;
  user_id: [number, string] | false;
}

interface OdooMessage {
  body: string;
  author_id: [number, string];
  subtype_id: [number, string];
  attachment_ids: number[];
}

/** Rich text as a page shows it. */
export function shown(html: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", nbsp: ' ' };
  return html
    .replace(/<br\s*\/?>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&([a-z]+|#39);/g, (whole, name: string) => entities[name] ?? whole)
    .replaceAll('\u00a0', ' ');
}

import FormData from 'form-data';
import type { Http } from '../shared/http';
import type { RenderedMail } from '../shared/mail';

/**
 * Hands a mail to a ticket by Request Tracker's mail gateway, and answers with what the gateway said: its status is 200
 * in any case. The mail goes as a plain field of the form.
 */
export async function submitMail(gateway: Http, ticket: string, rendered: RenderedMail): Promise<string> {
  const data = new FormData();
  const mail = rendered.open();
  for (const [name, value] of Object.entries({ action: 'correspond', ticket })) data.append(name, value);
  data.append('message', mail, { knownLength: rendered.size });
  const config = { method: 'POST', url: '/REST/1.0/NoAuth/mail-gateway', data, responseType: 'text' } as const;
  try {
    return String((await gateway.request<string>('handing in a mail', config)).data).trim();
  } finally {
    mail.destroy();
  }
}

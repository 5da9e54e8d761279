import { parseWebhookSecret, signWebhook } from '../../formats/standard-webhook.ts';
import { Failure, invalid, unavailable } from '../../model/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Mail, type MailServer, sendMail } from '../../platform/outbound/outbound-mail.ts';
import type { OutboundPost } from '../../platform/outbound/outbound-post.ts';
import type { ChannelSettings, Severity } from './notifications-contract.ts';

export type SenderContext = {
  readonly clock: Clock;
  readonly outboundPost: OutboundPost;
  /** Where people reach the console: links in messages begin with it. */
  readonly publicUrl: string;
  /** An authority that is trusted beside the usual ones, in PEM. */
  readonly mailCa?: string | undefined;
};

/** One notice on its way through one channel. */
export type Outgoing = {
  /** The same over all tries. */
  readonly id: string;
  readonly noticeId: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly link: string;
  readonly at: Date;
};

export type OpenChannel = {
  readonly settings: ChannelSettings;
  readonly secret: string | undefined;
  /** Mail addresses of the people the notice is for. */
  readonly audience: readonly string[];
};

const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$/;

/** The receiver said that it wants nothing more at this address (HTTP 410). */
export const GONE_CODE = 'receiver-gone';

/**
 * Sends once and returns when the receiver has taken it: undefined, or a sentence about what it did
 * not take. Throws a Failure whose sentence says why it did not.
 */
export async function sendNotice(
  context: SenderContext,
  channel: OpenChannel,
  outgoing: Outgoing,
): Promise<string | undefined> {
  const { settings } = channel;
  if (settings.kind === 'webhook') {
    await sendToWebhook(context, { url: settings.url, secret: channel.secret }, outgoing);
    return undefined;
  }
  const mail = composeMail(context, settings, channel.audience, outgoing);
  // People without an address lack nothing here: it is in their inbox.
  if (mail.recipients.length === 0) return 'Nobody it is for has a mail address.';
  const server: MailServer = { ...settings, password: channel.secret };
  const { refused } = await sendMail(server, mail, { ca: context.mailCa });
  return refused === 0 ? undefined : `The server refused ${refused} of the recipients.`;
}

async function sendToWebhook(
  context: SenderContext,
  { url, secret }: { url: string; secret: string | undefined },
  outgoing: Outgoing,
): Promise<void> {
  const key = parseWebhookSecret(secret ?? '');
  if (key === undefined) throw invalid('The channel has no secret to sign with: give it one.');
  const body = composeEvent(context, outgoing);
  const signed = signWebhook({ id: `msg_${outgoing.id}`, at: context.clock.now(), body }, key);
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8', ...signed };
  const status = await context.outboundPost.post(url, { headers, body });
  if (status >= 200 && status <= 299) return;
  const { host } = new URL(url);
  if (status === 410) throw new Failure('not-found', `${host} is gone (410).`, { code: GONE_CODE });
  throw unavailable(`${host} answers ${status}.`);
}

/** A CloudEvents 1.0 event in the structured JSON form; the same text at every try. */
function composeEvent({ publicUrl }: SenderContext, outgoing: Outgoing): string {
  const { kind, severity, title, body, link } = outgoing;
  return JSON.stringify({
    specversion: '1.0',
    id: outgoing.noticeId,
    source: publicUrl,
    type: `wharfinger.notice.${kind}`,
    subject: link,
    time: outgoing.at.toISOString(),
    datacontenttype: 'application/json',
    data: { kind, severity, title, body, link: new URL(link, publicUrl).href },
  });
}

function composeMail(
  { publicUrl }: SenderContext,
  settings: Extract<ChannelSettings, { kind: 'smtp' }>,
  audience: readonly string[],
  outgoing: Outgoing,
): Mail {
  const isListed = settings.to.length > 0;
  const { title, body, link } = outgoing;
  const text = [title, body, new URL(link, publicUrl).href, `-- \nWharfinger at ${publicUrl}`];
  return {
    from: settings.from,
    recipients: (isListed ? settings.to : audience).filter((address) => ADDRESS.test(address)),
    showsRecipients: isListed,
    subject: `[Wharfinger] ${title}`,
    text: `${text.join('\n\n')}\n`,
    messageId: `<${outgoing.id}@${new URL(publicUrl).hostname.replace(/[[\]]/g, '')}>`,
  };
}

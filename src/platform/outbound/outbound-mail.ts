import { connect, isIPv6, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { type Failure, unavailable } from '../../model/errors.ts';
import { assertMayCall, lookupAllowed } from './address-rule.ts';
import { explainOutbound } from './outbound-failure.ts';

export type MailServer = {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `starttls` before anything is said, or `none`. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
};

export type Mail = {
  readonly from: string;
  readonly recipients: readonly string[];
  /** Whether the recipients see each other. */
  readonly showsRecipients: boolean;
  readonly subject: string;
  readonly text: string;
  /** Stays the same when the same mail is sent again. */
  readonly messageId: string;
};

/** How many of the recipients the server took and refused. At least one was taken. */
export type MailOutcome = { readonly taken: number; readonly refused: number };

const CONNECT_MS_MAX = 5_000;
const SILENCE_MS_MAX = 10_000;
const MAIL_MS_MAX = 30_000;

/**
 * Hands a text mail to a server (RFC 5321). Its certificate is verified against the usual
 * authorities and those of NODE_EXTRA_CA_CERTS; `ca` adds one more.
 */
export async function sendMail(
  server: MailServer,
  mail: Mail,
  options: { readonly ca?: string | undefined } = {},
): Promise<MailOutcome> {
  assertMayCallHost(server.host);
  const socket = await connectTo(server);
  // The server decides how long it takes to answer each line, but not how long it takes in all.
  const deadline = setTimeout(() => socket.destroy(), MAIL_MS_MAX);
  try {
    const sent = await transportOver(socket, server, options.ca).sendMail({
      envelope: { from: mail.from, to: [...mail.recipients] },
      from: { name: 'Wharfinger', address: mail.from },
      ...(mail.showsRecipients ? { to: [...mail.recipients] } : {}),
      subject: mail.subject,
      text: mail.text,
      messageId: mail.messageId,
      // RFC 3834: nobody's absence note answers it.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return { taken: sent.accepted.length, refused: sent.rejected.length };
  } catch (cause) {
    throw explain(server, cause);
  } finally {
    clearTimeout(deadline);
    socket.destroy();
  }
}

/** Throws for a link-local address, which is never called; names are checked when they resolve. */
export function assertMayCallHost(host: string): void {
  assertMayCall(new URL(`smtp://${isIPv6(host) ? `[${host}]` : host}`));
}

function transportOver(socket: Socket, server: MailServer, ca: string | undefined) {
  const { user, password } = server;
  return createTransport({
    host: server.host,
    port: server.port,
    // A socket that is already open: the address checked is the one connected to.
    connection: socket,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    greetingTimeout: SILENCE_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function connectTo({ host, port }: MailServer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: lookupAllowed, autoSelectFamily: true });
    const fail = (cause: unknown): void => {
      socket.destroy();
      // Nobody else aborts it, so its end by time is a failure like any other.
      const { signal } = new AbortController();
      const why = explainOutbound(`${host}:${port}`, cause, signal);
      reject(why instanceof Error ? why : unavailable(`${host}:${port} does not answer.`));
    };
    const late = new DOMException('It took too long.', 'TimeoutError');
    const timer = setTimeout(() => fail(late), CONNECT_MS_MAX);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
  });
}

/** What the server said stays out of the sentence but for its code: it may repeat what was sent. */
function explain({ host, port }: MailServer, cause: unknown): Failure {
  const error = cause as { code?: unknown; responseCode?: unknown };
  const reasons: Readonly<Record<string, string>> = {
    EAUTH: 'refuses the user or password',
    ETLS: 'offers no encryption that can be trusted: check its certificate and the kind of security',
    ESOCKET: 'broke the connection, or its certificate cannot be trusted',
    EENVELOPE: 'refuses the sender or all recipients',
    EMESSAGE: 'refuses the message',
    ETIMEDOUT: 'does not answer in time',
  };
  const code = typeof error.code === 'string' ? error.code : '';
  const said = typeof error.responseCode === 'number' ? ` (${error.responseCode})` : '';
  const reason = reasons[code] ?? 'did not take the mail';
  // Without its cause: an error of the mail library carries the server's lines.
  return unavailable(`${host}:${port} ${reason}${said}.`, { context: { code } });
}

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export type ReceivedMail = {
  readonly from: string;
  readonly recipients: readonly string[];
  /** The message as it came, dots unstuffed, lines ended by CRLF. */
  readonly data: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
};

export type MailReceiver = {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** The answer to RCPT of these addresses is 550. */
  readonly refused: Set<string>;
  /** The answer to the end of a message. */
  answer: string;
  readonly close: () => Promise<void>;
};

export type MailReceiverOptions = {
  /** Offers STARTTLS (RFC 3207) with this certificate. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** Wants AUTH PLAIN (RFC 4954) with these before any mail. */
  readonly account?: { readonly user: string; readonly password: string };
};

type Session = {
  from: string;
  recipients: string[];
  user: string | undefined;
  /** Lines of a message that is coming in. */
  data: string[] | undefined;
};

/** The smallest receiver that RFC 5321 section 4.5.1 allows, on a real socket of the loopback. */
export async function startMailReceiver(options: MailReceiverOptions = {}): Promise<MailReceiver> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.write('220 mail.test ESMTP\r\n');
    serve(socket, receiver, options);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: MailReceiver = {
    port: (server.address() as AddressInfo).port,
    mails: [],
    refused: new Set(),
    answer: '250 taken',
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

function serve(socket: Socket, receiver: MailReceiver, options: MailReceiverOptions): void {
  const session: Session = { from: '', recipients: [], user: undefined, data: undefined };
  let text = '';
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      if (line.toUpperCase() === 'STARTTLS' && options.certificate !== undefined) {
        socket.off('data', onData);
        socket.write('220 go ahead\r\n');
        const secure = new TLSSocket(socket, { isServer: true, ...options.certificate });
        secure.on('error', () => {});
        serve(secure, receiver, options);
        return;
      }
      const reply = answerTo(line, session, { receiver, options, socket });
      if (reply !== undefined) socket.write(`${reply}\r\n`);
    }
  };
  socket.on('data', onData);
}

function answerTo(
  line: string,
  session: Session,
  around: { receiver: MailReceiver; options: MailReceiverOptions; socket: Socket },
): string | undefined {
  const { receiver, options, socket } = around;
  const isEncrypted = socket instanceof TLSSocket;
  if (session.data !== undefined) {
    if (line !== '.') {
      session.data.push(line.startsWith('.') ? line.slice(1) : line);
      return undefined;
    }
    const { from, recipients, user } = session;
    const data = `${session.data.join('\r\n')}\r\n`;
    session.data = undefined;
    if (receiver.answer.startsWith('2')) {
      receiver.mails.push({ from, recipients, data, isEncrypted, user });
    }
    return receiver.answer;
  }
  const [verb = ''] = line.toUpperCase().split(/[ :]/);
  const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
  if (verb === 'EHLO') {
    const offers = [
      ...(options.certificate !== undefined && !isEncrypted ? ['STARTTLS'] : []),
      ...(options.account === undefined ? [] : ['AUTH PLAIN']),
    ];
    return ['250-mail.test', ...offers.map((offer) => `250-${offer}`), '250 8BITMIME'].join('\r\n');
  }
  if (verb === 'AUTH') {
    const [, user, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString('utf8')
      .split('\0');
    const { account } = options;
    if (user !== account?.user || password !== account?.password) {
      return `535 not with ${password}`;
    }
    session.user = user;
    return '235 welcome';
  }
  if (verb === 'MAIL') {
    if (options.account !== undefined && session.user === undefined) return '530 sign in first';
    session.from = address;
    session.recipients = [];
    return '250 ok';
  }
  if (verb === 'RCPT') {
    if (receiver.refused.has(address)) return '550 nobody of that name';
    session.recipients = [...session.recipients, address];
    return '250 ok';
  }
  if (verb === 'DATA') {
    session.data = [];
    return '354 go ahead';
  }
  if (verb === 'QUIT') socket.end('221 bye\r\n');
  if (verb === 'QUIT') return undefined;
  return verb === 'RSET' || verb === 'NOOP' ? '250 ok' : '502 unknown';
}

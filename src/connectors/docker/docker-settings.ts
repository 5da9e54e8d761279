import { z } from 'zod';

const pem = z.string().max(100_000).includes('-----BEGIN');

/** `unix:///var/run/docker.sock`, or `tcp://host:2376` with a client certificate. */
export const DockerSettings = z
  .object({
    address: z
      .string()
      .trim()
      .max(300)
      .regex(
        /^(unix:\/\/\/[^\0]{1,100}|tcp:\/\/[\w.[\]:-]+:\d{1,5})$/,
        'Give unix:///path/to/docker.sock or tcp://host:port.',
      ),
    ca: pem.optional(),
    clientCertificate: pem.optional(),
    clientKey: pem.optional(),
  })
  .refine((given) => (given.clientCertificate === undefined) === (given.clientKey === undefined), {
    message: 'A client certificate and its key go together.',
    path: ['clientKey'],
  });
export type DockerSettings = z.output<typeof DockerSettings>;

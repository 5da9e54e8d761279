import type { Endpoint } from '../model/endpoint.ts';
import { nobody } from '../model/roles.ts';
import { type Handlers, registerEndpoints } from '../platform/http/routes.ts';
import { createHttpServer } from '../platform/http/server.ts';
import { createLog } from '../platform/log.ts';
import { allEndpoints } from './endpoints.ts';

/** The OpenAPI document of the contracts alone: no database, no slice, nothing is served. */
export async function describeApi(version: string): Promise<unknown> {
  const http = await createHttpServer({
    hosts: [],
    trustedProxies: [],
    log: createLog({ write: () => {}, form: 'lines' }),
    authenticate: async () => nobody,
    version,
  });
  const endpoints: Readonly<Record<string, Endpoint>> = allEndpoints;
  const silent = Object.fromEntries(
    Object.keys(endpoints).map((name) => [name, async () => undefined]),
  );
  registerEndpoints(http, endpoints, silent as Handlers<typeof endpoints>);
  await http.ready();
  const document = http.swagger();
  await http.close();
  return document;
}

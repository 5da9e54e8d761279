import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * The console is one page: every address that is no file and no API leads to it. Its files carry a
 * hash of their content in their names and never change; the page itself is always asked for anew.
 */
export async function serveConsole(
  server: FastifyInstance,
  folder: string | undefined,
): Promise<void> {
  if (folder !== undefined) {
    await server.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const lasting = path.includes('/assets/');
        reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const isPage = request.method === 'GET' && !/^\/(api|assets|evidence\/log)\//.test(path);
    if (isPage && folder !== undefined) return reply.sendFile('index.html');
    return reply
      .code(404)
      .header('content-type', 'application/problem+json')
      .send(
        JSON.stringify({
          type: 'about:blank',
          title: 'Not found',
          status: 404,
          detail: 'There is nothing at this address.',
          code: 'not-found',
        }),
      );
  });
}

import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { pageOf, pageQuery } from '../../model/page.ts';

/** What a person handed in: an image file or an SBOM, and what became of it. */
export const Upload = z.object({
  id: z.string(),
  name: z.string(),
  /** What its bytes turned out to be; absent until they were looked at. */
  kind: z.enum(['docker-archive', 'oci-archive', 'sbom']).optional(),
  /** `received`: kept, waits to be read. `failed` says why in `message`. */
  state: z.enum(['received', 'reading', 'done', 'failed']),
  /** A sentence: what was found in it, or what is wrong with it. */
  message: z.string().optional(),
  sizeBytes: z.number().int(),
  /** `sha256:…` of the file as it came. */
  digest: z.string(),
  /** Images it holds or, for an SBOM, is about. */
  images: z.array(z.object({ id: z.string(), name: z.string() })),
  /** What could not be read of a file that is otherwise good. */
  problems: z.array(z.object({ subject: z.string(), message: z.string() })),
  receivedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  evidenceId: z.string().optional(),
});
export type Upload = z.output<typeof Upload>;

export const uploadsEndpoints = {
  /**
   * The body is the file's bytes as `application/octet-stream`; the address comes from `pathOf`.
   * An upload that breaks off leaves nothing behind and is sent again from the start.
   */
  uploadFile: endpoint({
    method: 'POST',
    path: '/api/v1/uploads',
    summary: 'Hand in an image file (docker or OCI archive) or an SBOM, as an octet stream.',
    action: 'scan.upload',
    query: z.object({
      name: z.string().trim().min(1).max(300),
      /** The image an SBOM is about, when the SBOM itself does not give its digest. */
      image: z.guid().optional(),
    }),
    response: Upload,
    status: 202,
  }),
  listUploads: endpoint({
    method: 'GET',
    path: '/api/v1/uploads',
    summary: 'Files handed in, newest first.',
    action: 'inventory.read',
    query: z.object(pageQuery),
    response: pageOf(Upload),
  }),
  getUpload: endpoint({
    method: 'GET',
    path: '/api/v1/uploads/:id',
    summary: 'One upload, live while it is read.',
    action: 'inventory.read',
    params: z.object({ id: z.string().max(100) }),
    response: Upload,
  }),
};

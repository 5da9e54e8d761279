import type { MessagePort } from 'node:worker_threads';
import type { ErrorKind } from '../model/errors.ts';
import type { ExpectedLayer } from './read-layer.ts';

/** What travels to a worker. */
export type LayerTask = {
  readonly expected: ExpectedLayer;
  readonly bytes:
    | {
        readonly kind: 'file';
        readonly path: string;
        readonly offset: number;
        readonly length: number;
      }
    | { readonly kind: 'stream'; readonly port: MessagePort }
    | { readonly kind: 'folder'; readonly path: string };
};

/** What comes back: an encoded LayerRecord, or why not. */
export type LayerAnswer =
  | { readonly ok: true; readonly record: ArrayBuffer }
  | {
      readonly ok: false;
      readonly kind: ErrorKind;
      readonly code: string;
      readonly message: string;
      /** Not a Failure: a defect of ours, told apart so that it is not shown as the image's. */
      readonly isDefect: boolean;
    };

/** On a stream's port: the worker asks, the other side answers with one of these. */
export type StreamMessage =
  | { readonly chunk: Uint8Array }
  | { readonly end: true }
  | { readonly error: string; readonly kind: ErrorKind };
export type StreamRequest = 'next' | 'again';

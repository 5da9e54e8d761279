import type { Connector } from './connector.ts';
import { docker } from './docker/docker.ts';
import { registry } from './registry/registry.ts';

/** Every connector, in alphabetical order of its folder. A test fails when one is missing here. */
export const connectors: readonly Connector[] = [docker, registry];

/**
 * Image files are opened by path, without a connection: a source of images and no Connector.
 * @public
 */
export const loadImageFiles = () => import('./image-files/open-image-file.ts');

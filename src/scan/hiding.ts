import type { LayerRecord } from './layer-record.ts';
import { keysAlong, type PathKey, pathKey } from './path-set.ts';

/**
 * What a layer hides of the layers below it (OCI image-spec layer.md, "Whiteouts" and "Changeset
 * over existing files"): what it removes, the content of its opaque folders, what it replaces, and
 * all below a folder that it replaces by something else.
 */
export function makeHiding(layer: LayerRecord): (path: string) => boolean {
  const whiteouts = new Set<PathKey>(layer.whiteouts.map(pathKey));
  const opaque = new Set<PathKey>(layer.opaqueFolders.map(pathKey));
  const hidesAll = layer.opaqueFolders.includes('');
  const folders = new Map<string, boolean>([['', hidesAll]]);

  const hidesFolder = (folder: string): boolean => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const isHidden = keysAlong(folder).some(
      (key) => whiteouts.has(key) || opaque.has(key) || layer.paths.get(key) === 'other',
    );
    folders.set(folder, isHidden || hidesAll);
    return isHidden || hidesAll;
  };
  return (path) => {
    const slash = path.lastIndexOf('/');
    if (hidesFolder(slash === -1 ? '' : path.slice(0, slash))) return true;
    const key = pathKey(path);
    return whiteouts.has(key) || layer.paths.get(key) !== undefined;
  };
}

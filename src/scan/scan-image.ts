import type { Catalogue, CataloguedLayer, ScannedImage } from '../model/catalogue.ts';
import type { Cataloguer } from './cataloguer.ts';
import { foldLayers } from './fold.ts';
import type { LoadedImage, SourceLayer } from './image-source.ts';
import type { LayerCache } from './layer-cache.ts';
import type { LayerReader } from './layer-pool.ts';
import { decodeLayerRecord, LAYER_RECORD_VERSION, type LayerRecord } from './layer-record.ts';
import type { Hashing } from './read-layer.ts';

export type ScanTools = {
  readonly reader: LayerReader;
  readonly cache: LayerCache;
  /** Those the reader applies: their versions are part of the cache's keys. */
  readonly cataloguers: readonly Pick<Cataloguer, 'name' | 'version'>[];
  readonly hashing: Hashing;
  readonly onProgress?: (progress: ScanProgress) => void;
};

export type ScanProgress = {
  readonly layersDone: number;
  readonly layers: number;
  /** Of those, how many the cache knew. */
  readonly layersKnown: number;
};

/** Catalogues one image: reads the layers the cache does not know, the largest first, and folds. */
export async function scanImage(image: LoadedImage, tools: ScanTools): Promise<ScannedImage> {
  const names = tools.cataloguers.map(({ name, version }) => `${name}@${version}`);
  const layers = new LayerReading(image.layers, tools, names);
  const records = await layers.run();
  const folded = foldLayers(records);
  const catalogue: Catalogue = {
    ...folded,
    layers: image.layers.map((layer, index) => describeLayer(layer, records[index])),
    cataloguers: names,
  };
  return { image: image.facts, catalogue };
}

function describeLayer(layer: SourceLayer, record: LayerRecord | undefined): CataloguedLayer {
  return {
    ...(record?.diffId !== undefined && { diffId: record.diffId }),
    ...(record?.digest !== undefined && { digest: record.digest }),
    ...(layer.mediaType !== undefined && { mediaType: layer.mediaType }),
    size: record?.size ?? layer.size ?? 0,
    ...(layer.createdBy !== undefined && { createdBy: layer.createdBy }),
  };
}

class LayerReading {
  readonly #layers: readonly SourceLayer[];
  readonly #tools: ScanTools;
  readonly #suffix: string;
  readonly #records: LayerRecord[] = [];
  #done = 0;
  #known = 0;

  constructor(layers: readonly SourceLayer[], tools: ScanTools, names: readonly string[]) {
    this.#layers = layers;
    this.#tools = tools;
    this.#suffix = ` ${LAYER_RECORD_VERSION} ${names.join(' ')}`;
  }

  async run(): Promise<readonly LayerRecord[]> {
    const unknown: number[] = [];
    await Promise.all(
      this.#layers.map(async (layer, index) => {
        const record = await this.#find(layer);
        if (record === undefined) unknown.push(index);
        else this.#settle(index, record, true);
      }),
    );
    const sizeOf = (index: number) => this.#layers[index]?.size ?? 0;
    unknown.sort((a, b) => sizeOf(b) - sizeOf(a));
    const { promise: failed, reject } = Promise.withResolvers<never>();
    // The first failure ends the wait; later ones must not count as unhandled.
    const all = Promise.all(unknown.map((index) => this.#read(index).catch(reject)));
    await Promise.race([all, failed]);
    return this.#records;
  }

  /**
   * A layer is looked up by the digest of what would be read: the stored bytes where the manifest
   * names them, else the uncompressed ones. A manifest may claim any digest; it then gets the
   * catalogue of the bytes that really have it.
   */
  async #find({ digest, diffId }: SourceLayer): Promise<LayerRecord | undefined> {
    const key = digest ?? diffId;
    if (key === undefined) return undefined;
    const kept = await this.#tools.cache.get(key + this.#suffix);
    const record = kept && decodeLayerRecord(kept);
    // A config that contradicts what was hashed is caught by reading again, which names the layer.
    if (record?.diffId === undefined || diffId === undefined) return record;
    return record.diffId === diffId ? record : undefined;
  }

  async #read(index: number): Promise<void> {
    const layer = this.#layers[index] as SourceLayer;
    const { digest, diffId, size } = layer;
    const label = `Layer ${index + 1} of ${this.#layers.length}`;
    const expected = {
      label,
      hashing: this.#tools.hashing,
      ...(digest !== undefined && { digest }),
      ...(diffId !== undefined && { diffId }),
      ...(size !== undefined && { size }),
    };
    const opened = await layer.open();
    let encoded: ArrayBuffer;
    try {
      const { close: _, ...bytes } = opened;
      encoded = await this.#tools.reader.read({ expected, bytes });
    } finally {
      await opened.close();
    }
    const record = decodeLayerRecord(encoded);
    if (record === undefined) throw new Error('A layer record could not be decoded.');
    await this.#keep(record, encoded);
    this.#settle(index, record, false);
  }

  /** The digests of a record were computed in one read, so each leads to it. */
  async #keep(record: LayerRecord, encoded: ArrayBuffer): Promise<void> {
    const keys = new Set([record.digest, record.diffId]);
    for (const key of keys) {
      // A full or read-only disk costs the next scan time, and this one nothing.
      if (key !== undefined) {
        await this.#tools.cache.put(key + this.#suffix, encoded).catch(() => {});
      }
    }
  }

  #settle(index: number, record: LayerRecord, isKnown: boolean): void {
    this.#records[index] = record;
    this.#done++;
    if (isKnown) this.#known++;
    this.#tools.onProgress?.({
      layersDone: this.#done,
      layers: this.#layers.length,
      layersKnown: this.#known,
    });
  }
}

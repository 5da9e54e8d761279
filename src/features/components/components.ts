/** The door of components: what is in an image, kept and found again. */
export {
  componentIds,
  countByType,
  findCatalogue,
  type StoredCatalogue,
  storeCatalogue,
} from './catalogue-store.ts';
export { registerComponents } from './components-routes.ts';
export { forgetImages } from './forget-images.ts';
export { layerStore } from './layer-store.ts';
export {
  listStatedSboms,
  type NewStatedSbom,
  type StatedSbomRow,
  storeStatedSbom,
} from './stated-sbom-store.ts';

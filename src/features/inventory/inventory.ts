/** The door of the inventory: what other slices and start-up may call. */
export {
  type CatalogueContext,
  createCataloguing,
  type ImagePlace,
  type OpenedImage,
} from './catalogue-jobs.ts';
export { registerInventory } from './inventory-routes.ts';
export type { InventoryContext } from './inventory-service.ts';
export { type KeptCatalogue, keepCatalogue } from './keep-catalogue.ts';
export {
  findImagesByDigest,
  findImagesById,
  type KnownImage,
  noteStatedImage,
} from './known-images.ts';
export { type ChangeSet, Recorder } from './recorder.ts';
export {
  countSample,
  removeSampleInventory,
  type SampleCount,
  writeSampleDays,
} from './sample-inventory.ts';
export { judgeAllOwnersAgain, type OwnerAssignment, setOwners } from './workload-owners.ts';

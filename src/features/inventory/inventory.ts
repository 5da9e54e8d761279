/** The door of the inventory: what other slices and start-up may call. */
export { type ChangeSet, Recorder } from './recorder.ts';

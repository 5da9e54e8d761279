import type { Cataloguer } from '../cataloguer.ts';
import { goBinary } from './go-binary/go-binary.ts';

/** Every cataloguer, in alphabetical order of its folder. A test fails when one is missing here. */
export const cataloguers: readonly Cataloguer[] = [goBinary];

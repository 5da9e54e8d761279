/** Marks a suite left out for an optional part, so that CI can tell it from other skips. */
export const optionalMark = 'optional part missing:';

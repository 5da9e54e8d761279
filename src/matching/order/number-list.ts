import { compareTokens, isDigits, numberTokens, orderBy, type Token } from './tokens.ts';

// More numbers are newer, even when they are 0.
const END: Token = { rank: -1 };

function orderOfNumbers(separator: RegExp) {
  return orderBy(
    (version: string) => {
      const numbers = version.split(separator);
      return numbers.every(isDigits) ? numberTokens(numbers) : undefined;
    },
    (one, other) => compareTokens(one, other, END),
  );
}

/** Writing R Extensions §1.1.1 and R's package_version(): numbers between `.` and `-`. */
export const compareCranVersions = orderOfNumbers(/[.-]/);

/** The Haskell Package Versioning Policy (Data.Version): numbers between dots. */
export const compareHackageVersions = orderOfNumbers(/\./);

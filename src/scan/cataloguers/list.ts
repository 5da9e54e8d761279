import type { Cataloguer } from '../cataloguer.ts';
import { apk } from './apk/apk.ts';
import { composer } from './composer/composer.ts';
import { dotnet } from './dotnet/dotnet.ts';
import { dpkg } from './dpkg/dpkg.ts';
import { gem } from './gem/gem.ts';
import { goBinary } from './go-binary/go-binary.ts';
import { javaArchive } from './java-archive/java-archive.ts';
import { npm } from './npm/npm.ts';
import { osRelease } from './os-release/os-release.ts';
import { pypi } from './pypi/pypi.ts';
import { rpm } from './rpm/rpm.ts';
import { rustAuditable } from './rust-auditable/rust-auditable.ts';

/** Every cataloguer, in alphabetical order of its folder. A test fails when one is missing here. */
export const cataloguers: readonly Cataloguer[] = [
  apk,
  composer,
  dotnet,
  dpkg,
  gem,
  goBinary,
  javaArchive,
  npm,
  osRelease,
  pypi,
  rpm,
  rustAuditable,
];

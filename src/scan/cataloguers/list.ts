import type { Cataloguer } from '../cataloguer.ts';
import { apk } from './apk/apk.ts';
import { bitnami } from './bitnami/bitnami.ts';
import { chisel } from './chisel/chisel.ts';
import { composer } from './composer/composer.ts';
import { conda } from './conda/conda.ts';
import { dotnet } from './dotnet/dotnet.ts';
import { dpkg } from './dpkg/dpkg.ts';
import { gem } from './gem/gem.ts';
import { genericBinary } from './generic-binary/generic-binary.ts';
import { goBinary } from './go-binary/go-binary.ts';
import { javaArchive } from './java-archive/java-archive.ts';
import { npm } from './npm/npm.ts';
import { osRelease } from './os-release/os-release.ts';
import { pacman } from './pacman/pacman.ts';
import { pypi } from './pypi/pypi.ts';
import { rPackage } from './r-package/r-package.ts';
import { rpm } from './rpm/rpm.ts';
import { rustAuditable } from './rust-auditable/rust-auditable.ts';

/** Every cataloguer, in alphabetical order of its folder. A test fails when one is missing here. */
export const cataloguers: readonly Cataloguer[] = [
  apk,
  bitnami,
  chisel,
  composer,
  conda,
  dotnet,
  dpkg,
  gem,
  genericBinary,
  goBinary,
  javaArchive,
  npm,
  osRelease,
  pacman,
  pypi,
  rPackage,
  rpm,
  rustAuditable,
];

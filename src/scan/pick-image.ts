import type { Platform } from '../formats/oci.ts';
import { invalid, notFound } from '../model/errors.ts';
import type { SourceImage } from './image-source.ts';

export type Wanted = {
  readonly tag?: string;
  /** As asked for: `linux/arm64`, `linux/arm/v7`. */
  readonly platform?: string;
  /** Taken where several platforms are there and none was asked for. */
  readonly here: Platform;
};

const NAMES_SHOWN_MAX = 20;

/** The one image meant. Says which there are when that is not clear. */
export function pickImage(
  images: readonly SourceImage[],
  wanted: Wanted,
  source: string,
): SourceImage {
  const tagged = images.filter(({ tags }) => wanted.tag === undefined || hasTag(tags, wanted.tag));
  if (tagged.length === 0) {
    if (images.length === 0) throw notFound(`${source} holds no image.`);
    throw notFound(`${source} holds no image ${wanted.tag}. ${thereAre(images, nameOf)}`);
  }
  const fitting = pickPlatform(tagged, wanted);
  const [only, second] = fitting;
  if (only === undefined) {
    const asked = wanted.platform ?? platformText(wanted.here);
    throw notFound(`${source} holds nothing for ${asked}. ${thereAre(tagged, platformOf)}`);
  }
  // The same image under two tags is one.
  const isOne = fitting.every(
    ({ manifestDigest }) => manifestDigest !== undefined && manifestDigest === only.manifestDigest,
  );
  if (second === undefined || isOne) return only;
  throw invalid(
    `${source} holds several images: name one by its tag. ${thereAre(fitting, nameOf)}`,
  );
}

function pickPlatform(images: readonly SourceImage[], wanted: Wanted): readonly SourceImage[] {
  const asked = wanted.platform;
  if (asked !== undefined) {
    // Where the index does not say, only the config will: whoever asked finds out after loading.
    return images.filter(({ platform }) => platform === undefined || matches(platform, asked));
  }
  const platforms = new Set(images.map(platformOf));
  if (platforms.size <= 1) return images;
  const here = platformText(wanted.here);
  return images.filter(({ platform }) => platform !== undefined && matches(platform, here));
}

/** `linux/arm` matches every variant of it; `linux/arm/v7` one. */
export function matches(platform: Platform, asked: string): boolean {
  return platformText(platform) === asked || `${platform.os}/${platform.architecture}` === asked;
}

export function platformText({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** A tag is often written without the repository in front. */
function hasTag(tags: readonly string[], tag: string): boolean {
  return tags.some((name) => name === tag || name.endsWith(`:${tag}`));
}

const platformOf = ({ platform }: SourceImage): string =>
  platform === undefined ? 'unknown' : platformText(platform);
const nameOf = ({ tags, manifestDigest }: SourceImage): string =>
  tags[0] ?? manifestDigest ?? 'one without a name';

function thereAre(images: readonly SourceImage[], show: (image: SourceImage) => string): string {
  const names = [...new Set(images.map(show))];
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(', ');
  const more = names.length > NAMES_SHOWN_MAX ? ` and ${names.length - NAMES_SHOWN_MAX} more` : '';
  return `There are: ${shown}${more}.`;
}

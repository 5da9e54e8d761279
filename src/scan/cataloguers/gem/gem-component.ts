import type { Component } from '../../../model/component.ts';

type GemIdentity = {
  readonly name: string;
  readonly version: string;
  readonly platform?: string;
  readonly licences?: readonly string[];
};

/** A gem as a component; its platform is a qualifier (purl types, gem). */
export function gemComponent(gem: GemIdentity): Component {
  const { name, version, platform, licences = [] } = gem;
  return {
    type: 'gem',
    name,
    version,
    ...(platform === undefined ? {} : { qualifiers: { platform } }),
    ...(licences.length === 0 ? {} : { licences }),
  };
}

/** `nokogiri-1.15.4-x86_64-linux`: the name of a gem's folder, and of its specification. */
export function fullGemName({ name, version, platform }: GemIdentity): string {
  return `${name}-${version}${platform === undefined ? '' : `-${platform}`}`;
}

import type { Component } from '../../../model/component.ts';

/** A text file by which software states its version. */
export type WellKnownFile = {
  readonly isPath: (path: string) => boolean;
  readonly read: (text: string, path: string) => Component | undefined;
  /** What else came with it, for a file at this path. */
  readonly files?: (path: string) => readonly string[];
};

/** The folder a file lies in, so many levels up, with its slash; '' at the top. */
function folderOf(path: string, levels = 1): string {
  return path.split('/').slice(0, -levels).join('/').replace(/.$/, '$&/');
}

/** A file whose version one pattern finds. */
function stating(
  name: string,
  options: Pick<WellKnownFile, 'files'> & { readonly end: string; readonly pattern: RegExp },
): WellKnownFile {
  const { end, pattern, files } = options;
  return {
    isPath: (path) => path.endsWith(end),
    read: (text) => {
      const version = pattern.exec(text)?.[1];
      return version === undefined ? undefined : { type: 'generic', name, version };
    },
    ...(files !== undefined && { files }),
  };
}

export const WELL_KNOWN_FILES: readonly WellKnownFile[] = [
  {
    isPath: (path) => path.endsWith('/release'),
    read: readJavaRelease,
    files: (path) => [folderOf(path)],
  },
  stating('go', {
    end: 'go/VERSION',
    pattern: /^go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)\s/,
    files: (path) => [`${folderOf(path)}bin/`, `${folderOf(path)}pkg/tool/`],
  }),
  stating('erlang', {
    end: '/OTP_VERSION',
    pattern: /^(\d+(?:\.\d+){1,5}(?:-rc\d+)?)\s{0,4}$/,
    // lib/erlang/releases/27/OTP_VERSION
    files: (path) => (/\/erlang\/releases\/\d+\//.test(path) ? [folderOf(path, 3)] : []),
  }),
  stating('elixir', {
    end: '/elixir/ebin/elixir.app',
    pattern: /\{vsn,\s{0,9}"(\d[\w.+-]{1,40})"\}/,
  }),
  stating('rabbitmq', { end: '/ebin/rabbit.app', pattern: /\{vsn,\s{0,9}"(\d[\w.+-]{1,40})"\}/ }),
  stating('wordpress', {
    end: '/wp-includes/version.php',
    pattern: /^\s{0,9}\$wp_version\s{0,9}=\s{0,9}'(\d[\w.-]{1,40})';/m,
  }),
  stating('drupal', {
    end: '/core/lib/Drupal.php',
    pattern: /^\s{0,9}(?:final )?(?:public )?const VERSION = '(\d[\w.-]{1,40})';/m,
  }),
  stating('mediawiki', {
    end: '/includes/Defines.php',
    pattern: /^\s{0,9}define\( ?'MW_VERSION', '(\d[\w.-]{1,40})' ?\);/m,
  }),
  stating('nextcloud', {
    end: '/version.php',
    pattern: /^\$OC_VersionString\s{0,9}=\s{0,9}'(\d[\w. -]{1,40})';/m,
  }),
];

/**
 * The `release` file of a Java runtime: shell-like lines, of which JAVA_VERSION (JEP 223) is always
 * there and JAVA_RUNTIME_VERSION is what `java -version` prints. All builds of OpenJDK are named
 * so, whoever built them; Azul's and Oracle's own count their versions apart.
 */
function readJavaRelease(text: string): Component | undefined {
  const values = new Map<string, string>();
  for (const line of text.slice(0, 64 * 1024).split('\n')) {
    const match = /^([A-Z_]{1,40})="?([^"\r]{0,200})"?\r?$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], match[2]);
  }
  const stated = values.get('JAVA_RUNTIME_VERSION') ?? values.get('JAVA_VERSION') ?? '';
  if (!values.has('JAVA_VERSION') || !/^\d[\w.+-]{0,80}$/.test(stated)) return undefined;
  const implementor = values.get('IMPLEMENTOR') ?? '';
  const isOracle =
    implementor === 'Oracle Corporation' || values.get('BUILD_TYPE') === 'commercial';
  const name = /^azul/i.test(implementor) ? 'zulu' : isOracle ? 'oracle-java' : 'openjdk';
  return { type: 'generic', name, version: stated };
}

import { describe, expect, it } from 'vitest';
import { parseArchiveName } from './archive-name.ts';

describe('the file name of an archive', () => {
  it.each<[string, string, string, string?]>([
    ['commons-io-2.11.0.jar', 'commons-io', '2.11.0'],
    ['BOOT-INF/lib/guava-31.1-jre.jar', 'guava', '31.1-jre'],
    ['log4j-1.2-api-2.17.1.jar', 'log4j-1.2-api', '2.17.1'],
    ['kafka_2.13-3.6.2.jar', 'kafka_2.13', '3.6.2'],
    ['scala3-library_3-3.3.1.jar', 'scala3-library_3', '3.3.1'],
    [
      'netty-transport-4.1.1.Final-linux-x86_64.jar',
      'netty-transport',
      '4.1.1.Final',
      'linux-x86_64',
    ],
    ['ffmpeg-6.0-1.5.9-linux-x86_64.jar', 'ffmpeg', '6.0-1.5.9', 'linux-x86_64'],
    ['foo-1.0-beta-2.jar', 'foo', '1.0-beta-2'],
    ['foo-1.0-20230101.120000-1.jar', 'foo', '1.0-20230101.120000-1'],
    ['foo-1.0-SNAPSHOT.war', 'foo', '1.0-SNAPSHOT'],
    ['foo-1.0-sources.jar', 'foo', '1.0', 'sources'],
    ['zstd-jni-1.5.5-1.jar', 'zstd-jni', '1.5.5-1'],
    ['org.eclipse.osgi_3.18.0.v20220516.jar', 'org.eclipse.osgi', '3.18.0.v20220516'],
    ['bcprov-jdk18on-1.78.jar', 'bcprov-jdk18on', '1.78'],
    ['kotlin-stdlib-jdk8-1.9.0.jar', 'kotlin-stdlib-jdk8', '1.9.0'],
    ['grpc-v1-1.2.jar', 'grpc-v1', '1.2'],
    ['akka-protobuf-v3_2.13-2.6.21.jar', 'akka-protobuf-v3_2.13', '2.6.21'],
    ['flink-shaded-asm-9-9.5-17.0.jar', 'flink-shaded-asm-9', '9.5-17.0'],
    ['app.jar', 'app', ''],
    ['h2.jar', 'h2', ''],
    ['-1.0.jar', '-1.0', ''],
    ['.jar', '.jar', ''],
  ])('%s', (path, name, version, classifier) => {
    expect(parseArchiveName(path)).toEqual({
      name,
      version,
      ...(classifier !== undefined && { classifier }),
    });
  });

  it('is split in linear time however long it is', () => {
    expect(parseArchiveName(`${'a-1'.repeat(100_000)}.jar`).name.length).toBeLessThan(256);
  });
});

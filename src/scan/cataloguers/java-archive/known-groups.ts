/**
 * Groups of widely used artifacts whose archives do not state them, as Maven Central lists them:
 * many are built by Gradle or sbt, which leave no Maven files. A star ends a prefix; `@3` keeps a
 * row to that major version; `!` lets a prefix hold against what the content says.
 */
const KNOWN_GROUPS = `
antlr: antlr
aopalliance: aopalliance
asm: asm-all
ch.qos.logback: logback-*
ch.qos.reload4j: reload4j
co.elastic.clients: elasticsearch-java
com.amazonaws: aws-java-sdk-* aws-lambda-java-*
com.beust: jcommander
com.fasterxml.jackson.core: jackson-core jackson-annotations jackson-databind
com.fasterxml.jackson.dataformat: jackson-dataformat-*
com.fasterxml.jackson.datatype: jackson-datatype-*
com.fasterxml.jackson.module: jackson-module-*
com.fasterxml.woodstox: woodstox-core
com.fasterxml: classmate
com.github.ben-manes.caffeine: caffeine
com.github.docker-java: docker-java-*
com.github.jnr: jffi jnr-*
com.github.luben: zstd-jni
com.github.spotbugs: spotbugs-annotations
com.google.api-client: google-api-client*
com.google.api.grpc: grpc-google-*! proto-google-*!
com.google.code.findbugs: jsr305
com.google.code.gson: gson
com.google.crypto.tink: tink
com.google.dagger: dagger dagger-*
com.google.errorprone: error_prone_annotations
com.google.guava: guava guava-testlib failureaccess listenablefuture
com.google.http-client: google-http-client*
com.google.inject: guice
com.google.j2objc: j2objc-annotations
com.google.protobuf: protobuf-java protobuf-javalite protobuf-java-util
com.graphql-java: graphql-java java-dataloader graphql-java-extended-scalars
com.h2database: h2
com.hazelcast: hazelcast hazelcast-all
com.jayway.jsonpath: json-path
com.jcraft: jsch jzlib
com.linecorp.armeria: armeria armeria-*
com.lmax: disruptor
com.mchange: c3p0 mchange-commons-java
com.microsoft.sqlserver: mssql-jdbc
com.mysql: mysql-connector-j
com.netflix.archaius: archaius-core archaius2-*
com.netflix.eureka: eureka-client eureka-core
com.netflix.hystrix: hystrix-*
com.netflix.ribbon: ribbon ribbon-*
com.nimbusds: nimbus-jose-jwt oauth2-oidc-sdk
com.oracle.database.jdbc: ojdbc8 ojdbc10 ojdbc11
com.rabbitmq: amqp-client
com.sendgrid: sendgrid-java
com.squareup.moshi: moshi moshi-*
com.squareup.okhttp3: okhttp okhttp-* logging-interceptor mockwebserver
com.squareup.okio: okio okio-*
com.squareup.retrofit2: retrofit converter-* adapter-rxjava*
com.squareup: javapoet kotlinpoet
com.sun.mail: javax.mail jakarta.mail
com.sun.xml.bind: jaxb-impl jaxb-core
com.thoughtworks.paranamer: paranamer
com.thoughtworks.xstream: xstream
com.typesafe.akka: akka-*
com.typesafe.play: play_* play-*
com.typesafe.scala-logging: scala-logging_*
com.typesafe: config
com.vaadin.external.google: android-json
com.vladmihalcea: hibernate-types-52
com.zaxxer: HikariCP
commons-beanutils: commons-beanutils
commons-cli: commons-cli
commons-codec: commons-codec
commons-collections: commons-collections
commons-configuration: commons-configuration
commons-daemon: commons-daemon
commons-dbcp: commons-dbcp
commons-digester: commons-digester
commons-discovery: commons-discovery
commons-fileupload: commons-fileupload
commons-httpclient: commons-httpclient
commons-io: commons-io
commons-jxpath: commons-jxpath
commons-lang: commons-lang
commons-logging: commons-logging
commons-net: commons-net
commons-pool: commons-pool
commons-validator: commons-validator
dev.failsafe: failsafe
dnsjava: dnsjava
dom4j: dom4j
io.arrow-kt: arrow-*
io.dropwizard.metrics: metrics-core* metrics-jvm* metrics-jmx* metrics-json*
io.github.classgraph: classgraph
io.github.openfeign: feign-*
io.github.resilience4j: resilience4j-*
io.grpc: grpc-*
io.insert-koin: koin-*!
io.jsonwebtoken: jjwt jjwt-*
io.ktor: ktor-*
io.lettuce: lettuce-core
io.micrometer: micrometer-* context-propagation
io.micronaut: micronaut-*
io.netty: netty-*
io.opencensus: opencensus-*
io.opentelemetry.instrumentation: opentelemetry-instrumentation-*
io.opentelemetry.javaagent: opentelemetry-javaagent
io.opentelemetry: opentelemetry-*
io.projectreactor.addons: reactor-extra reactor-pool reactor-adapter
io.projectreactor.kafka: reactor-kafka
io.projectreactor.netty: reactor-netty reactor-netty-*
io.projectreactor: reactor-core reactor-test reactor-tools
io.quarkus: quarkus-*
io.reactivex.rxjava2: rxjava@2
io.reactivex.rxjava3: rxjava@3
io.reactivex: rxjava-*
io.sentry: sentry sentry-*
io.smallrye.common: smallrye-common-*
io.smallrye.config: smallrye-config*
io.smallrye.reactive: smallrye-mutiny-* mutiny mutiny-*
io.swagger.core.v3: swagger-*
io.swagger: swagger-annotations@1 swagger-models@1 swagger-core@1
io.undertow: undertow-*
io.vertx: vertx-*
it.unimi.dsi: fastutil
jakarta.activation: jakarta.activation-api
jakarta.annotation: jakarta.annotation-api
jakarta.inject: jakarta.inject-api
jakarta.mail: jakarta.mail-api
jakarta.persistence: jakarta.persistence-api
jakarta.servlet: jakarta.servlet-api
jakarta.transaction: jakarta.transaction-api
jakarta.validation: jakarta.validation-api
jakarta.ws.rs: jakarta.ws.rs-api
jakarta.xml.bind: jakarta.xml.bind-api
javax.activation: activation javax.activation-api
javax.annotation: javax.annotation-api jsr250-api
javax.cache: cache-api
javax.inject: javax.inject
javax.persistence: javax.persistence-api
javax.servlet.jsp: jsp-api
javax.servlet: servlet-api javax.servlet-api jstl
javax.transaction: jta javax.transaction-api
javax.validation: validation-api
javax.ws.rs: javax.ws.rs-api jsr311-api
javax.xml.bind: jaxb-api
jaxen: jaxen
jline: jline@2
joda-time: joda-time
junit: junit
log4j: log4j
mysql: mysql-connector-java
net.bytebuddy: byte-buddy byte-buddy-agent
net.java.dev.jna: jna jna-platform
net.logstash.logback: logstash-logback-encoder
net.minidev: json-smart accessors-smart
net.sf.ehcache: ehcache@2 ehcache-core
net.sf.jopt-simple: jopt-simple
net.sourceforge.htmlunit: htmlunit*!
ognl: ognl
org.antlr: antlr4-runtime antlr4 antlr-runtime ST4 stringtemplate
org.apache.activemq: activemq-* artemis-*
org.apache.ant: ant ant-launcher
org.apache.avro: avro
org.apache.axis: axis
org.apache.camel: camel-*
org.apache.cassandra: cassandra-all
org.apache.commons: commons-*
org.apache.flink: flink-*
org.apache.groovy: groovy@4 groovy-*@4
org.apache.hadoop.thirdparty: hadoop-shaded-*
org.apache.hadoop: hadoop-*
org.apache.hbase: hbase-*
org.apache.hive: hive-*
org.apache.httpcomponents.client5: httpclient5
org.apache.httpcomponents.core5: httpcore5 httpcore5-h2
org.apache.httpcomponents: httpclient httpcore httpmime httpasyncclient httpcore-nio
org.apache.ivy: ivy
org.apache.kafka: kafka-* kafka_* connect-api connect-json connect-runtime connect-transforms
org.apache.logging.log4j: log4j-*
org.apache.lucene: lucene-*
org.apache.maven: maven-*
org.apache.parquet: parquet-*
org.apache.poi: poi poi-ooxml poi-ooxml-* poi-scratchpad
org.apache.solr: solr-*
org.apache.spark: spark-*
org.apache.struts: struts2-*
org.apache.thrift: libthrift
org.apache.tika: tika-*
org.apache.tomcat.embed: tomcat-embed-*
org.apache.tomcat: tomcat-*
org.apache.velocity: velocity velocity-engine-core
org.apache.xmlbeans: xmlbeans
org.apache.zookeeper: zookeeper zookeeper-jute
org.apiguardian: apiguardian-api
org.aspectj: aspectjrt aspectjweaver aspectjtools
org.assertj: assertj-core
org.bouncycastle: bcprov-* bcpkix-* bcutil-* bcmail-* bcpg-* bctls-* bcjmail-* bc-fips
org.checkerframework: checker-qual
org.clojure: clojure
org.codehaus.groovy: groovy@2 groovy-*@2 groovy@3 groovy-*@3 groovy-all
org.codehaus.jackson: jackson-core-asl jackson-mapper-asl jackson-jaxrs jackson-xc
org.codehaus.janino: janino commons-compiler
org.codehaus.jettison: jettison
org.codehaus.mojo: animal-sniffer-annotations
org.codehaus.woodstox: stax2-api
org.conscrypt: conscrypt-*
org.dom4j: dom4j@2
org.easymock: easymock
org.eclipse.jetty.ee10: jetty-ee10-*
org.eclipse.jetty.http2: http2-common http2-hpack http2-server http2-client
org.eclipse.jetty.toolchain: jetty-jakarta-*
org.eclipse.jetty.websocket: websocket-* jetty-websocket-*
org.eclipse.jetty: jetty-*
org.ehcache: ehcache@3
org.elasticsearch.client: elasticsearch-rest-*
org.elasticsearch: elasticsearch*
org.flywaydb: flyway-*
org.freemarker: freemarker
org.fusesource.jansi: jansi
org.gebish: geb-*
org.glassfish.jaxb: jaxb-runtime jaxb-core txw2
org.glassfish.jersey.core: jersey-common jersey-client jersey-server
org.glassfish: jakarta.json javax.json jakarta.el javax.el
org.hamcrest: hamcrest hamcrest-*
org.hdrhistogram: HdrHistogram
org.hibernate.common: hibernate-commons-annotations
org.hibernate.orm: hibernate-core@6 hibernate-core@7 hibernate-envers@6 hibernate-jcache@6
org.hibernate.validator: hibernate-validator
org.hibernate: hibernate-core@3 hibernate-core@4 hibernate-core@5 hibernate-entitymanager
org.hibernate: hibernate-validator@4 hibernate-validator@5
org.hsqldb: hsqldb
org.infinispan: infinispan-*
org.javassist: javassist
org.jboss.logging: jboss-logging
org.jctools: jctools-core
org.jdom: jdom2
org.jetbrains.kotlin: kotlin-*
org.jetbrains.kotlinx: kotlinx-*
org.jetbrains: annotations
org.jgroups: jgroups
org.jline: jline@3 jline-*
org.jodd: jodd-*
org.json: json
org.jsoup: jsoup
org.junit.jupiter: junit-jupiter junit-jupiter-*
org.junit.platform: junit-platform-*
org.junit.vintage: junit-vintage-engine
org.latencyutils: LatencyUtils
org.liquibase: liquibase-core
org.lz4: lz4-java lz4-pure-java
org.mapstruct: mapstruct mapstruct-processor
org.mariadb.jdbc: mariadb-java-client
org.mockito: mockito-*
org.mongodb: bson bson-* mongodb-driver-* mongo-java-driver
org.mozilla: rhino
org.mybatis: mybatis mybatis-spring
org.objenesis: objenesis
org.openjdk.jmh: jmh-core
org.opensearch.client: opensearch-java opensearch-rest-*
org.opentest4j: opentest4j
org.ow2.asm: asm asm-analysis asm-commons asm-tree asm-util
org.postgresql: postgresql*
org.projectlombok: lombok
org.quartz-scheduler: quartz quartz-jobs
org.reactivestreams: reactive-streams
org.roaringbitmap: RoaringBitmap
org.scala-lang.modules: scala-collection-compat_* scala-java8-compat_*
org.scala-lang.modules: scala-parser-combinators_* scala-xml_*
org.scala-lang: scala-library scala-reflect scala-compiler scala3-library_3
org.scalatest: scalatest_*
org.seleniumhq.selenium: selenium-*!
org.skyscreamer: jsonassert
org.slf4j: slf4j-* jcl-over-slf4j jul-to-slf4j log4j-over-slf4j osgi-over-slf4j
org.springframework.amqp: spring-amqp spring-rabbit
org.springframework.batch: spring-batch-*
org.springframework.boot: spring-boot spring-boot-*
org.springframework.cloud: spring-cloud-*
org.springframework.data: spring-data-*
org.springframework.graphql: spring-graphql
org.springframework.hateoas: spring-hateoas
org.springframework.integration: spring-integration-*
org.springframework.kafka: spring-kafka
org.springframework.ldap: spring-ldap-*
org.springframework.plugin: spring-plugin-*
org.springframework.restdocs: spring-restdocs-*
org.springframework.retry: spring-retry
org.springframework.security.oauth: spring-security-oauth2
org.springframework.security: spring-security-*
org.springframework.session: spring-session-*
org.springframework.ws: spring-ws-* spring-xml
org.springframework: spring-aop spring-aspects spring-beans spring-context spring-context-*
org.springframework: spring-core spring-expression spring-instrument spring-jcl spring-jdbc
org.springframework: spring-jms spring-messaging spring-orm spring-oxm spring-r2dbc spring-test
org.springframework: spring-tx spring-web spring-webflux spring-webmvc spring-websocket
org.testcontainers: testcontainers
org.testng: testng
org.thymeleaf: thymeleaf thymeleaf-spring5 thymeleaf-spring6
org.typelevel: cats-core_* cats-kernel_* cats-effect_*
org.webjars: swagger-ui
org.xerial.snappy: snappy-java
org.xerial: sqlite-jdbc
org.xmlunit: xmlunit-core
org.yaml: snakeyaml
oro: oro
redis.clients: jedis
software.amazon.awssdk: sdk-core aws-core http-client-spi netty-nio-client
stax: stax-api
velocity: velocity-dep
wsdl4j: wsdl4j
xalan: xalan serializer
xerces: xercesImpl
xml-apis: xml-apis xml-apis-ext
xmlpull: xmlpull
xpp3: xpp3_min xpp3
`;

type Rule = { readonly group: string; readonly major?: string; readonly isCertain: boolean };

const exact = new Map<string, Rule[]>();
const prefixes = new Map<string, Rule[]>();
for (const line of KNOWN_GROUPS.trim().split('\n')) {
  const [group = '', names = ''] = line.split(': ');
  for (const word of names.trim().split(' ')) {
    const [, pattern = '', star, major, bang] = /^([^*@!]+)(\*?)(?:@(\d+))?(!?)$/.exec(word) ?? [];
    const rules = star === '*' ? prefixes : exact;
    const rule = { group, isCertain: star === '' || bang === '!', ...(major && { major }) };
    rules.set(pattern, [...(rules.get(pattern) ?? []), rule]);
  }
}

/**
 * The group of a well-known artifact, else ''. A name alone proves little where only its beginning
 * is known, so such a rule holds only where `byContent`, what the archive's content says, is empty
 * or of the same owner.
 */
export function knownGroupOf(
  artifact: string,
  known: { readonly version: string; readonly byContent: string },
): string {
  const whole = choose(exact.get(artifact), known.version);
  if (whole !== undefined) return whole.group;
  for (let end = artifact.length; end > 2; end -= 1) {
    const rule = choose(prefixes.get(artifact.slice(0, end)), known.version);
    if (rule === undefined) continue;
    const agrees = known.byContent === '' || ownerOf(rule.group) === ownerOf(known.byContent);
    return rule.isCertain || agrees ? rule.group : '';
  }
  return '';
}

/** The row of the major version; some projects moved to another group with one. */
function choose(rules: readonly Rule[] | undefined, version: string): Rule | undefined {
  const major = /^\d+/.exec(version)?.[0];
  const ofMajor = rules?.find((rule) => rule.major !== undefined && rule.major === major);
  return ofMajor ?? rules?.find((rule) => rule.major === undefined);
}

function ownerOf(group: string): string {
  return group.split('.', 2).join('.');
}

/**
 * Parts that a run with CI=true may do without, each with the reason: Debian does not have them,
 * or not in a form that the suites can use. Every other missing part fails such a run.
 */
export const optionalParts = [
  { part: 'go', reason: "Debian 12's Go is older than what the real programs need to be built" },
  { part: 'jar', reason: 'a JDK is large, and the fixtures are written by hand as well' },
  { part: 'maven-repository', reason: 'it comes with a JRE and a hundred packages' },
  { part: 'kube-apiserver', reason: 'Debian has no Kubernetes API server' },
  { part: 'referrers-registry', reason: "Debian's registry 2.8 has no referrers API" },
  { part: 'registry-v3', reason: 'Debian has no registry 3' },
  { part: 'trivy', reason: 'a peer that Debian does not have' },
  { part: 'syft', reason: 'a peer that Debian does not have' },
  { part: 'npm-registry', reason: 'the suites also run with the network cut' },
] as const satisfies readonly { part: string; reason: string }[];

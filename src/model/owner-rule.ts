/** All conditions that are given must hold. `*` matches any run of characters. */
export type OwnerCondition = {
  /** `key=value`, or a key alone for any value. */
  readonly label?: string | undefined;
  readonly imagePath?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly namePattern?: string | undefined;
};

export type RuledWorkload = {
  readonly name: string;
  readonly connectionId: string;
  readonly imageName: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** Does a rule without any condition fit? No: a rule says what it is about. */
export function fitsCondition(condition: OwnerCondition, workload: RuledWorkload): boolean {
  const { label, imagePath, connectionId, namePattern } = condition;
  if (!label && !imagePath && !connectionId && !namePattern) return false;
  if (connectionId && workload.connectionId !== connectionId) return false;
  if (label && !fitsLabel(label, workload.labels)) return false;
  if (imagePath && !fitsPattern(imagePath, repositoryOf(workload.imageName))) return false;
  return !namePattern || fitsPattern(namePattern, workload.name);
}

function fitsLabel(wanted: string, labels: Readonly<Record<string, string>>): boolean {
  const equals = wanted.indexOf('=');
  const key = equals < 0 ? wanted : wanted.slice(0, equals);
  if (!Object.hasOwn(labels, key)) return false;
  return equals < 0 || fitsPattern(wanted.slice(equals + 1), labels[key] ?? '');
}

/** Without tag and digest: a rule over `registry.example/payments/*` holds for every tag. */
function repositoryOf(imageName: string): string {
  const withoutDigest = imageName.split('@')[0] ?? '';
  const slash = withoutDigest.lastIndexOf('/');
  const colon = withoutDigest.indexOf(':', slash + 1);
  return colon < 0 ? withoutDigest : withoutDigest.slice(0, colon);
}

/** Linear in the length of the text: each piece between stars is found once, left to right. */
export function fitsPattern(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return text === first;
  const last = pieces.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}

/** A rule in words, as the "because" of an owner shows it. */
export function describeCondition(condition: OwnerCondition, position: number): string {
  const parts = [
    condition.label ? `label ${condition.label}` : undefined,
    condition.imagePath ? `registry path ${condition.imagePath}` : undefined,
    condition.namePattern ? `name ${condition.namePattern}` : undefined,
    condition.connectionId ? 'connection' : undefined,
  ].filter((part) => part !== undefined);
  return `rule ${position}: ${parts.join(' and ')}`;
}

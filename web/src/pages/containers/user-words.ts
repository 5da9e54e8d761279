/**
 * Who a container's first process is. An empty user means root to an engine, and so do the name
 * and the number: `USER` of the image comes already merged into what the engine states.
 */
export function userWords(user: string): string {
  const name = user.split(':')[0] ?? '';
  if (name === '' || name === 'root' || name === '0') return 'as root';
  return /^\d+$/.test(name) ? `as uid ${name}` : `as ${name}`;
}

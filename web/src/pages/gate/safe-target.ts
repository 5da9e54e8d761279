/** Where to go after the sign-in: a page of this console and nothing else. */
export function safeTarget(to: string | undefined): string {
  // `//host` and `/\host` are other origins to a browser.
  if (to === undefined || !/^\/(?![/\\])/.test(to) || /[\t\n\r]/.test(to)) return '/';
  return to.startsWith('/sign-in') ? '/' : to;
}

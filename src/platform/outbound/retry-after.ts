/**
 * How long a `Retry-After` asks to wait (RFC 9110 section 10.2.3: seconds, or a date); undefined
 * where there is none or it cannot be read.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Za-z]{3}, /.test(text) && text.length < 40 ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

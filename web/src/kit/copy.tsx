import { useClipboard } from '@mantine/hooks';

/** Copies the whole of what is shown short. */
export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const clipboard = useClipboard({ timeout: 1_500 });
  return (
    <button
      aria-label={`Copy ${what}`}
      className="plain-button small"
      onClick={() => clipboard.copy(text)}
      type="button"
    >
      <span aria-live="polite">{clipboard.copied ? 'copied' : 'copy'}</span>
    </button>
  );
}

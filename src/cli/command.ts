/** Where a command writes: what a terminal, a file or a test gives it. */
type Output = { write(text: string): unknown; readonly isTTY?: boolean | undefined };
export type Streams = { readonly stdout: Output; readonly stderr: Output };

export type ExitCode = 0 | 1 | 2;

export type LoadedCommand = {
  readonly usage: string;
  run(parameters: readonly string[], streams: Streams): Promise<ExitCode>;
};

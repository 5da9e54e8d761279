import { runCommand } from './commands.ts';

const streams = { stdout: process.stdout, stderr: process.stderr };
// A reader that went away (`| head`) ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.exitCode = await runCommand(process.argv.slice(2), streams);

import { config } from 'zod';

// The server's content security policy forbids evaluated code, and zod tries it as soon as a
// contract is loaded. This module is the first that main.tsx imports.
config({ jitless: true });

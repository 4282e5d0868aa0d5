// Everything that proves this works; ends with one line `N passed, N failed`. `npm test -- unit` (or sim, e2e) runs a part.
import { prepare } from './bootstrap.js';

await prepare(import.meta.url);
await import('./proof.ts');

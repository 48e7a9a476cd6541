// What `npm start` runs: the server, with its compiled code kept for the next start. That one is a
// third quicker and 20 MiB smaller, for it need not load what strips types. Plain JavaScript for the same reason.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--max-semi-space-size=2')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/playlink', import.meta.url)))
await import('../main.ts')
